/** Bodies of vitest's tests on virtual time. Nothing of vitest is imported: other runners take them as well. */
import { refuse } from '@aiokit/loop-core';
import type { VirtualLoopOptions } from '@aiokit/loop-core/virtual';
import { onVirtualTime, type VirtualBody } from './virtual-time.js';

/**
 * Makes the body of a test that runs on virtual time, as a task of a loop of its own: `test('…', virtual(function* () {…}))`.
 *
 * @param body a generator function or an async function; it is given the loop and what the test runner gives
 * @param options what the loop is made with
 * @returns the function to give to `test`; it fails as `onVirtualTime` does
 * @throws TypeError if `body` is not a function
 * @source KIT-5 · no CPython counterpart
 */
export function virtual<A extends unknown[] = []>(
  body: VirtualBody<unknown, A>,
  options?: VirtualLoopOptions,
): (...args: A) => Promise<void> {
  if (typeof body !== 'function') refuse('body', 'a function', body);
  return async (...args) => {
    const generator = (body as { [Symbol.toStringTag]?: string })[Symbol.toStringTag] === 'GeneratorFunction';
    const bound = generator
      ? function* (loop: Parameters<typeof body>[0]) {
          return yield* body(loop, ...args) as Generator<never, unknown, unknown>;
        }
      : (loop: Parameters<typeof body>[0]) => body(loop, ...args);
    await onVirtualTime(bound as VirtualBody<unknown, []>, options);
  };
}
