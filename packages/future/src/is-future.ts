/** Futures are recognised by a brand, so that those of another installed copy are futures too. */
import type { Future } from './future.js';

/** The key of the brand. */
export const FUTURE: unique symbol = Symbol.for('aiokit.future') as never;

/**
 * Whether a value is a future or a task, of any installed copy of the package.
 *
 * @param value anything
 * @source FUT-1 · CPython `asyncio.isfuture`
 */
export function isFuture(value: unknown): value is Future<unknown> {
  return typeof value === 'object' && value !== null && FUTURE in value;
}
