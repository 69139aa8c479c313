/** The hooks in force: the detectors' while a loop is in debug mode, and those of whoever looks on. */
import { type LoopHooks, realm } from '@aiokit/loop-core';
import { compose } from './detector.js';

let detectors: LoopHooks | undefined;
const onlookers = /* @__PURE__ */ new Set<LoopHooks>();
let inForce: LoopHooks | undefined;

/** A program that has put hooks of its own in the realm keeps them. */
function apply(): void {
  if (realm.hooks && realm.hooks !== inForce) return;
  const others = [...onlookers];
  const all = detectors ? [detectors, ...others] : others;
  inForce = realm.hooks = all.length > 1 ? compose(all) : all[0];
}

/** Puts the hooks of the detectors in force, or takes them away. */
export function setDetectors(hooks: LoopHooks | undefined): void {
  if (hooks === detectors && realm.hooks) return;
  detectors = hooks;
  apply();
}

/**
 * Puts more hooks in force, also outside debug mode. What they throw is reported once.
 *
 * @param hooks called after those of the detectors
 * @returns takes them away
 */
export function lookOn(hooks: LoopHooks): () => void {
  const guarded = compose([hooks]);
  onlookers.add(guarded);
  apply();
  return () => {
    if (onlookers.delete(guarded)) apply();
  };
}
