/** The levels of the family's log, and loggers of single loops. */
import { type EventLoop, getLogger, type Logger, realm, refuse } from '@aiokit/loop-core';

/** What is logged: a level, and all that are more serious. */
export type LogLevel = 'debug' | 'info' | 'warning' | 'error' | 'silent';

type Method = keyof Logger;

const LEVELS: readonly LogLevel[] = ['debug', 'info', 'warning', 'error', 'silent'];
const METHODS: readonly Method[] = ['debug', 'info', 'warn', 'error'];

let least = 1;
const nothing = (): void => {};
const leveled = /* @__PURE__ */ new WeakMap<Logger, Logger>();

/**
 * Sets which reports are logged. At first it is `info`, as asyncio's.
 *
 * @param level this level, and all that are more serious; `silent` for none
 * @throws RangeError if there is no such level; it stays as it was
 * @source DEBUG-5 · CPython `logging.getLogger('asyncio').setLevel`
 */
export function setLogLevel(level: LogLevel): void {
  if (!LEVELS.includes(level)) refuse('level', `one of ${LEVELS.join(', ')}`, level, RangeError);
  least = LEVELS.indexOf(level);
}

/** The level that is logged, and all that are more serious. */
export const getLogLevel = (): LogLevel => LEVELS[least] as LogLevel;

/** A logger that leaves out what is below the level. */
export function levelLogger(logger: Logger): Logger {
  const known = leveled.get(logger);
  if (known) return known;
  const made = {} as Logger;
  for (const [level, method] of METHODS.entries()) {
    Object.defineProperty(made, method, {
      get: () => (level < least ? nothing : logger[method].bind(logger)),
    });
  }
  leveled.set(logger, made);
  return made;
}

/**
 * The log of one loop: a child of the family's, or the family's with the loop's name in front.
 *
 * @param loop the loop
 * @source DEBUG-5 · CPython `logging.Logger.getChild`
 */
export function getLoopLogger(loop: EventLoop): Logger {
  const parent: (Logger & { child?(fields: object): Logger }) | undefined = realm.logger;
  const name = loop.constructor.name;
  if (typeof parent?.child === 'function') return levelLogger(parent.child({ name: `aiokit.${name}` }));
  const made = {} as Logger;
  for (const method of METHODS) {
    made[method] = (message, ...details) => getLogger()[method](`aiokit.${name}: ${message}`, ...details);
  }
  return made;
}
