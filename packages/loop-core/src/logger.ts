/** Where the family's reports go: anything with `debug`, `info`, `warn` and `error`. */
import { realm } from './realm.js';

/** A logger such as `console`, pino or winston. Its methods are called with a text, then with what else is known. */
export interface Logger {
  /** A detail for somebody who looks for it. */
  debug(message: string, ...details: unknown[]): void;
  /** Something that happened as it should. */
  info(message: string, ...details: unknown[]): void;
  /** Something that is probably a mistake. */
  warn(message: string, ...details: unknown[]): void;
  /** Something that went wrong. */
  error(message: string, ...details: unknown[]): void;
}

declare const console: Logger;

/**
 * The logger that reports go to: the one that was set, else the console.
 *
 * @source CPython `asyncio.log.logger`
 */
export function getLogger(): Logger {
  const logger = realm.logger ?? console;
  return realm.leveled?.(logger) ?? logger;
}

/**
 * Sends the family's reports somewhere else.
 *
 * @param logger anything with `debug`, `info`, `warn` and `error`; null for the console
 * @throws TypeError if a method is missing; the logger stays as it was
 * @source CPython `logging.getLogger('asyncio')`
 */
export function setLogger(logger: Logger | null): void {
  for (const level of ['debug', 'info', 'warn', 'error'] as const) {
    if (logger !== null && typeof logger?.[level] !== 'function') {
      throw new TypeError(`logger must have a ${level}() method, got ${String(logger)}`);
    }
  }
  realm.logger = logger ?? undefined;
}
