/** How an exception context is written to the log. */
import type { ExceptionContext } from './event-loop.js';
import { nameOf } from './internal/call-within.js';

/**
 * A value of an exception context as a report shows it: a handle as asyncio's `repr` has it, text in quotes.
 *
 * @param value anything
 * @source CPython `Handle.__repr__`, `TimerHandle.__repr__`
 */
export function formatValue(value: unknown): string {
  try {
    // A context in a context.
    if ((value as ExceptionContext | null)?.message !== undefined && 'exception' in (value as object)) {
      const details = Object.entries(value as object).map(([key, detail]) => `${key}: ${quote(detail)}`);
      return `{${details.join(', ')}}`;
    }
    return typeof value === 'function' ? `<Handle ${nameOf(value)}>` : quote(value);
  } catch {
    return '<object>';
  }
}

const quote = (value: unknown): string => (typeof value === 'string' ? `'${value}'` : String(value));

/**
 * The lines of a report: the message, the other keys in order, the stack of the exception.
 *
 * @param context what happened
 * @returns the lines, joined
 * @source LOOP-6 · CPython `BaseEventLoop.default_exception_handler`
 */
export function formatContext({ message, exception, ...details }: ExceptionContext): string {
  const lines = [message || 'Unhandled exception in event loop'];
  for (const key of Object.keys(details).sort()) {
    const value = details[key];
    if (value === undefined) continue;
    const made = key === 'handleTraceback' ? 'Handle' : 'Object';
    lines.push(
      `${key}: ${key.endsWith('Traceback') ? `${made} created at (most recent call first):\n${String(value)}` : formatValue(value)}`,
    );
  }
  if (exception !== undefined) lines.push(String((exception as Error | null)?.stack ?? exception));
  return lines.join('\n');
}
