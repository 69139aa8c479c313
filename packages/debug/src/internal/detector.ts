/** Several sets of hooks as one. What a hook throws is reported once and changes nothing for the loop. */
import { getLogger, type LoopHooks } from '@aiokit/loop-core';

type Hook = (a: unknown, b: unknown, c: unknown) => unknown;
type Hooks = Record<string, Hook>;

/** What is called without a guard: `check`, which may throw, and `spawned`, which does not and is dear. */
const BARE: ReadonlySet<string> = new Set(['check', 'spawned']);

/** A hook that does not throw, and after it the next. Of a fixed number of arguments, which rest arguments are slower than. */
function guarded(hook: Hook, name: string, next: Hook | undefined): Hook {
  if (!next) {
    return (a, b, c) => {
      try {
        return hook(a, b, c);
      } catch (error) {
        return hookFailed(name, error);
      }
    };
  }
  return (a, b, c) => {
    try {
      hook(a, b, c);
    } catch (error) {
      hookFailed(name, error);
    }
    next(a, b, c);
  };
}

const failed = /* @__PURE__ */ new Set<string>();

/** Says, once, that a hook has failed. */
export function hookFailed(name: string, error: unknown): void {
  if (failed.has(name)) return;
  failed.add(name);
  try {
    getLogger().error(`debug: the hook ${name} has failed; it is reported once`, error);
  } catch {
    // There is nobody left to tell.
  }
}

/**
 * Makes one set of hooks of many.
 *
 * @param detectors each with the hooks that it needs
 */
export function compose(detectors: readonly LoopHooks[]): LoopHooks {
  const made: Hooks = {};
  // From the last, which is called last.
  for (const detector of [...detectors].reverse()) {
    for (const [name, hook] of Object.entries(detector as unknown as Hooks)) {
      made[name] = BARE.has(name) && !made[name] ? hook : guarded(hook, name, made[name]);
    }
  }
  return made;
}
