/** How an exception context is written to the log. */
import type { ExceptionContext } from './event-loop.js';

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
    if (value !== undefined) lines.push(`${key}: ${typeof value === 'string' ? `'${value}'` : String(value)}`);
  }
  if (exception !== undefined) lines.push(String((exception as Error | null)?.stack ?? exception));
  return lines.join('\n');
}
