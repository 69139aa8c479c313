/** How futures print themselves. Nothing here throws, whatever the values are. */

const LONGEST_TEXT = 30;
const MOST_ITEMS = 6;
const MOST_KEYS = 4;
const DEEPEST = 6;

const shorten = (text: string, longest = LONGEST_TEXT): string =>
  text.length <= longest ? text : `${text.slice(0, 13)}...${text.slice(-14)}`;
const quote = (text: string): string => `'${text.replace(/[\\']/g, '\\$&').replace(/\n/g, '\\n')}'`;
const nameOf = (callback: { name?: string }): string => `${callback.name || 'anonymous'}()`;

const list = <T>(items: T[], depth: number, most: number, show: (item: T) => string): string =>
  depth === DEEPEST
    ? '...'
    : items.slice(0, most).map(show).join(', ') + (items.length > most ? ', ...' : '');

/**
 * A value as a future's inspect output shows it: on one line, and short.
 *
 * @param value anything
 * @param depth how many arrays and objects it lies in
 * @param longest how long it may be, if it prints itself
 * @source CPython `reprlib.repr`
 */
export function repr(value: unknown, depth = 0, longest = LONGEST_TEXT): string {
  try {
    if (typeof value === 'string') return shorten(quote(value));
    if (typeof value === 'function') return nameOf(value);
    if (typeof value !== 'object' || !value) return `${String(value)}${typeof value === 'bigint' ? 'n' : ''}`;
    if (value instanceof Error) return shorten(reprError(value));
    if (Array.isArray(value)) {
      return `[${list(value, depth, MOST_ITEMS, (item) => repr(item, depth + 1))}]`;
    }
    if (value instanceof Date) return value.toISOString();
    if (value.toString !== Object.prototype.toString) return shorten(String(value), longest);
    if (value.constructor !== Object) return `<${value.constructor.name}>`;
    const show = (key: string) => `${key}: ${repr((value as Record<string, unknown>)[key], depth + 1)}`;
    return `{${list(Object.keys(value), depth, MOST_KEYS, show)}}`;
  } catch {
    return '<object>';
  }
}

/**
 * What was thrown, in full.
 *
 * @param error anything
 * @source CPython `BaseException.__repr__`
 */
export function reprError(error: unknown): string {
  try {
    if (error instanceof Error) return `${error.name}(${error.message && quote(String(error.message))})`;
  } catch {
    // A getter of the error's has thrown.
  }
  return repr(error);
}

/**
 * Those who wait for a pending future.
 *
 * @param waiting what is enqueued when it is done
 * @returns ` cb=[f(), <2 more>, g()]`, or nothing if there are none
 * @source CPython `base_futures._format_callbacks`
 */
export function reprCallbacks(waiting: readonly object[]): string {
  const [first] = waiting;
  if (first === undefined) return '';
  const shown = (one: object) =>
    nameOf((one as { callback?: { name?: string } }).callback ?? one.constructor);
  const names = [shown(first)];
  if (waiting.length > 2) names.push(`<${waiting.length - 2} more>`);
  if (waiting.length > 1) names.push(shown(waiting.at(-1) as object));
  return ` cb=[${names.join(', ')}]`;
}
