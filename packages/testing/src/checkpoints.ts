/** Whether a coroutine really waits. */
import { refuse, RuntimeError } from '@aiokit/loop-core';
import { type Coroutine, isCoroutine } from '@aiokit/task';

/** Delegates to a coroutine, and tells of each time it waits. */
function counted<T>(steps: Coroutine<T>, waits: () => void): Iterable<never, T, unknown> {
  if (!isCoroutine(steps)) refuse('steps', 'a coroutine', steps);
  const inner = steps[Symbol.iterator]();
  const seen = (result: IteratorResult<unknown, T>): IteratorResult<never, T> => {
    if (!result.done) waits();
    return result as IteratorResult<never, T>;
  };
  const outer: Iterator<never, T, unknown> = {
    next: (sent) => seen(inner.next(sent)),
    throw: (error) => seen(inner.throw(error)),
    return: (value) => seen(inner.return(value as T)),
  };
  return { [Symbol.iterator]: () => outer };
}

/**
 * Runs a coroutine, and throws if it has never waited: others could not have had a turn.
 *
 * @param steps the coroutine
 * @returns what it returns
 * @throws TypeError if it is none; RuntimeError (`CHECKPOINT`) if it has returned or thrown without a wait
 * @ordering as the coroutine
 * @cancellation as the coroutine
 * @complexity as the coroutine
 * @source KIT-4 · no CPython counterpart; trio's `assert_checkpoints`
 */
export function* assertCheckpoints<T>(steps: Coroutine<T>): Coroutine<T> {
  let waited = false;
  const delegate = counted(steps, () => {
    waited = true;
  });
  let result: T;
  try {
    result = yield* delegate;
  } catch (cause) {
    if (waited) throw cause;
    throw new RuntimeError('the coroutine has thrown and never waited', { code: 'CHECKPOINT', cause });
  }
  if (!waited) throw new RuntimeError('the coroutine has never waited', { code: 'CHECKPOINT' });
  return result;
}

/**
 * Runs a coroutine, and throws if it waits: for what must be done in one go.
 *
 * @param steps the coroutine
 * @returns what it returns
 * @throws TypeError if it is none; RuntimeError (`CHECKPOINT`) in it where it waits
 * @ordering as the coroutine
 * @cancellation none; it does not wait
 * @complexity as the coroutine
 * @source KIT-4 · no CPython counterpart; trio's `assert_no_checkpoints`
 */
export function* assertNoCheckpoints<T>(steps: Coroutine<T>): Coroutine<T> {
  return yield* counted(steps, () => {
    throw new RuntimeError('the coroutine waits', { code: 'CHECKPOINT' });
  });
}
