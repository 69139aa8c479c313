/** What a coroutine is. Apart from what `coroutine()` makes, which tasks of plain generators do without. */
import type { Awaitable, Coroutine } from '@aiokit/loop-core';

export type { Coroutine };

/**
 * Whether a value is a coroutine: a generator, or what a function of `coroutine()` returned.
 *
 * @param value anything
 * @source CORO-1 · CPython `asyncio.iscoroutine`
 */
export function isCoroutine(value: unknown): value is Coroutine<unknown> {
  const known = value as (Partial<Coroutine<unknown>> & Partial<Awaitable<unknown>>) | null | undefined;
  return (
    typeof known?.next === 'function' &&
    typeof known.throw === 'function' &&
    typeof known[Symbol.iterator] === 'function' &&
    known.subscribe === undefined
  );
}

/**
 * Whether calling a function gives a coroutine or starts an async function.
 *
 * @param value anything
 * @source CORO-1 · CPython `asyncio.iscoroutinefunction`
 */
export function isCoroutineFunction(value: unknown): boolean {
  return typeof value === 'function' && (isGeneratorFunction(value) || isAsyncFunction(value));
}

/** What kind of function it is. */
export const tagOf = (value: object): string | undefined =>
  (value as { [Symbol.toStringTag]?: string })[Symbol.toStringTag];

/** Whether calling it runs nothing. A compiler that lowers generators makes plain functions of them. */
export const isGeneratorFunction = (value: object): boolean => tagOf(value) === 'GeneratorFunction';

const isAsyncFunction = (value: object): boolean => tagOf(value) === 'AsyncFunction';
