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
  if (typeof value === 'function') return `<Handle ${value.name || 'anonymous'}()>`;
  if (value !== null && typeof value === 'object' && 'message' in value && 'exception' in value)
    return `'${String(value.message)}'`;
  const handle = value as { when?(): number | undefined; callback?: { name: string } } | null;
  if (typeof handle?.when !== 'function' || !('callback' in handle)) return String(value);
  const when = handle.when();
  const parts = [when === undefined ? '<Handle' : '<TimerHandle'];
  if (!handle.callback) parts.push('cancelled');
  if (when !== undefined) parts.push(`when=${when}`);
  if (handle.callback) parts.push(`${handle.callback.name || 'anonymous'}()`);
  return `${parts.join(' ')}>`;
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
