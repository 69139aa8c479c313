/** The hosts that async functions are tested in: with async context, and without as in browsers. */
import { realm } from '@aiokit/loop-core';
import { type Coroutine, CoroutineObject, coroutine, type Scope } from '@aiokit/task';
import { afterEach, beforeEach, describe, test } from 'vitest';
import { play, playAsync, type TestLoop } from './with-loop.js';

/** How an async function waits in a host. */
export interface TestHost {
  readonly hasContext: boolean;
  /** Waits as a user has to write it there. */
  wait<T>(scope: Scope, source: PromiseLike<T>): PromiseLike<T>;
  /** What tells the current task there. */
  options(scope: Scope): { readonly scope?: Scope };
}

const withContext: TestHost = { hasContext: true, wait: (_, source) => source, options: () => ({}) };
const withoutContext: TestHost = {
  hasContext: false,
  wait: (scope, source) => scope.wait(source),
  options: (scope) => ({ scope }),
};

/** Makes the realm one of a host without async context; returns what undoes that. */
function disableAsyncContext(): () => void {
  const known = realm as typeof realm & { store?: unknown };
  const { store, scope, context } = known;
  known.store = null;
  known.scope = undefined;
  known.context = { capture: () => null, bare: (run) => run };
  return () => void Object.assign(known, { store, scope, context });
}

/** Defines tests of async functions once for each host. */
export function inBothHosts(define: (host: TestHost) => void): void {
  describe('with async context', () => {
    define(withContext);
  });
  describe('without async context', () => {
    let restore: () => void;
    beforeEach(() => {
      restore = disableAsyncContext();
    });
    afterEach(() => restore());
    define(withoutContext);
  });
}

/** Runs a coroutine in a task of its own, and driven by an async function in either host. */
export function inEveryForm(title: string, main: (loop: TestLoop) => Coroutine<unknown>): void {
  test(title, async () => {
    play(main);
    await playAsync(async (_, loop) => coroutine(main)(loop));
    const restore = disableAsyncContext();
    try {
      await playAsync(async (scope, loop) => new CoroutineObject('main', () => main(loop), scope));
    } finally {
      restore();
    }
  });
}
