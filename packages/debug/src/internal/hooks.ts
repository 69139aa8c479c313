/** The hooks in force: the detectors' while a loop is in debug mode, and those of whoever looks on. */
import { type LoopHooks, realm } from '@aiokit/loop-core';
import { compose } from './detector.js';

let detectors: readonly LoopHooks[] = [];
const onlookers = /* @__PURE__ */ new Set<LoopHooks>();
let inForce: LoopHooks | undefined;

/** A program that has put hooks of its own in the realm keeps them. */
function apply(): void {
  if (realm.hooks && realm.hooks !== inForce) return;
  const all = [...detectors, ...onlookers];
  inForce = realm.hooks = all.length > 0 ? compose(all) : undefined;
}

/** Puts the hooks of the detectors in force, or takes them away. */
export function setDetectors(hooks: readonly LoopHooks[]): void {
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
  onlookers.add(hooks);
  apply();
  return () => {
    if (onlookers.delete(hooks)) apply();
  };
}
