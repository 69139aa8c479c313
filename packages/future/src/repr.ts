/** How futures print themselves. */

const LONGEST_TEXT = 30;
const MOST_ITEMS = 6;

const quote = (text: string): string => {
  const whole = `'${text.replace(/[\\']/g, '\\$&').replace(/\n/g, '\\n')}'`;
  return whole.length <= LONGEST_TEXT ? whole : `${whole.slice(0, 13)}...${whole.slice(-14)}`;
};

/**
 * A value as a future's inspect output shows it: short, and without running code of the value where it can be helped.
 *
 * @param value anything
 * @returns one line
 * @source CPython `reprlib.repr`
 */
export function repr(value: unknown): string {
  if (typeof value === 'string') return quote(value);
  if (typeof value === 'function') return `${value.name || 'anonymous'}()`;
  if (typeof value !== 'object' || value === null) return typeof value === 'bigint' ? `${value}n` : String(value);
  if (value instanceof Error) return `${value.name}(${value.message && quote(value.message)})`;
  if (Array.isArray(value)) {
    const items = value.slice(0, MOST_ITEMS).map((item) => (Array.isArray(item) ? '[...]' : repr(item)));
    return `[${items.join(', ')}${value.length > MOST_ITEMS ? ', ...' : ''}]`;
  }
  const { constructor } = value;
  if (typeof value.toString === 'function' && value.toString !== Object.prototype.toString) return value.toString();
  return constructor && constructor !== Object ? `<${constructor.name}>` : '{...}';
}

/**
 * The callbacks of a pending future as its inspect output shows them.
 *
 * @param waiting what is enqueued when the future is done
 * @returns ` cb=[f(), <2 more>, g()]`, or nothing if there are none
 * @source CPython `base_futures._format_callbacks`
 */
export function reprCallbacks(waiting: readonly object[]): string {
  const names = waiting.map((one) => {
    const { callback } = one as { callback?: { name?: string } };
    return callback ? `${callback.name || 'anonymous'}()` : `${one.constructor.name}()`;
  });
  if (names.length > 2) names.splice(1, names.length - 2, `<${names.length - 2} more>`);
  return names.length > 0 ? ` cb=[${names.join(', ')}]` : '';
}
