/** Values and errors as traces show them. */

/** The texts of asyncio's have nothing to compare with: it gives none. */
const SILENT = new Set(['QueueFull', 'QueueEmpty', 'QueueShutDown']);

/** What a program throws by itself. */
export class Failure extends Error {
  override name = 'Failure';
}

/** Without the reprs in it, which show what is not compared. */
export const plain = (text: string): string =>
  text.replace(/<.*>/, '<>').replace(/^(FINISHED|CANCELLED): <>/, 'invalid state');

export function showError(error: unknown): string {
  const { name, message, errors } = error as Error & { errors?: unknown[] };
  const rest = errors ? `[${errors.map(showError).join(',')}]` : '';
  return `${name}(${SILENT.has(name) ? '' : plain(message)})${rest}`;
}

export function show(value: unknown): string {
  if (value === undefined || value === null) return '-';
  if (value instanceof Error) return showError(value);
  return Array.isArray(value) ? `[${value.map(show).join(',')}]` : String(value);
}
