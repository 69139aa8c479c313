import type { AsyncContext } from '../event-loop.js';

/** For what comes in a microtask. */
export const settled: Promise<void> = /* @__PURE__ */ Promise.resolve();

/** Calls `callback(argument)`, in an async context if there is one. */
export function callWithin<A>(
  context: AsyncContext | null | undefined,
  callback: (argument: A) => unknown,
  argument: A,
): void {
  if (context) context.runInAsyncScope(callback, undefined, argument);
  else callback(argument);
}

/** A callback as asyncio's reports show it. */
export const nameOf = (callback: unknown): string =>
  `${(callback as { name?: string } | undefined)?.name || 'anonymous'}()`;
