/** Several sets of hooks as one. What a hook throws is reported once and changes nothing for the loop. */
import { getLogger, type LoopHooks } from '@aiokit/loop-core';

type Hook = (...args: unknown[]) => unknown;
type Hooks = Record<string, Hook>;

/** What may throw: it refuses an argument. */
const REFUSING = new Set(['check']);

function guarded(name: string, hooks: readonly Hook[]): Hook {
  if (REFUSING.has(name) && hooks.length === 1) return hooks[0] as Hook;
  let failed = false;
  const fail = (error: unknown) => {
    if (failed) return;
    failed = true;
    try {
      getLogger().error(`debug: the hook ${name} has failed; it is reported once`, error);
    } catch {
      // There is nobody left to tell.
    }
  };
  if (hooks.length === 1) {
    const [hook] = hooks as [Hook];
    return (...args) => {
      try {
        return hook(...args);
      } catch (error) {
        return fail(error);
      }
    };
  }
  return (...args) => {
    for (const hook of hooks) {
      try {
        hook(...args);
      } catch (error) {
        fail(error);
      }
    }
  };
}

/**
 * Makes one set of hooks of many.
 *
 * @param detectors each with the hooks that it needs
 */
export function compose(detectors: readonly LoopHooks[]): LoopHooks {
  const lists = new Map<string, Hook[]>();
  for (const detector of detectors) {
    for (const [name, hook] of Object.entries(detector as Hooks)) {
      lists.set(name, [...(lists.get(name) ?? []), hook]);
    }
  }
  return Object.fromEntries([...lists].map(([name, hooks]) => [name, guarded(name, hooks)]));
}
