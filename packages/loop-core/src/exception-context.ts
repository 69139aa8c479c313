/** How an exception context is written to the log. */
import type { ExceptionContext } from './event-loop.js';

/**
 * A value of an exception context as a report shows it: a handle as asyncio's `repr` has it, text in quotes.
 *
 * @param value anything
 * @source CPython `Handle.__repr__`, `TimerHandle.__repr__`
 */
export function formatValue(value: unknown): string {
  try {
    return format(value);
  } catch {
    return '<object>';
  }
}

function format(value: unknown): string {
  if (typeof value === 'string') return `'${value}'`;
  if (value && typeof value === 'object' && 'message' in value && 'exception' in value) {
    // A context in a context.
    const details = Object.entries(value).map(
      ([key, detail]) => `${key}: ${typeof detail === 'string' ? `'${detail}'` : String(detail)}`,
    );
    return `{${details.join(', ')}}`;
  }
  return typeof value === 'function' ? `<Handle ${value.name || 'anonymous'}()>` : String(value);
}

const formatDetail = (key: string, value: unknown): string => {
  if (!key.endsWith('Traceback')) return formatValue(value);
  return `${key === 'handleTraceback' ? 'Handle' : 'Object'} created at (most recent call first):\n${String(value)}`;
};

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
    if (details[key] !== undefined) lines.push(`${key}: ${formatDetail(key, details[key])}`);
  }
  if (exception !== undefined) lines.push(String((exception as Error | null)?.stack ?? exception));
  return lines.join('\n');
}
