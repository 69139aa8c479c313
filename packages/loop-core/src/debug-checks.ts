/** asyncio's own checks of debug mode: slow steps, coroutines given as callbacks, where a thing was made. */
import type { EventLoop, Handle, LoopHooks } from './event-loop.js';
import { formatValue } from './exception-context.js';
import { host } from './host-scheduler.js';
import { getLogger } from './logger.js';
import { realm } from './realm.js';

/** How many frames of a stack are kept, as in asyncio. */
const DEPTH = 10;

interface DebugLoop extends EventLoop {
  readonly slowCallbackDurationMs?: number;
}

const origins = /* @__PURE__ */ new WeakMap<object, string>();
const debugged = /* @__PURE__ */ new Set<EventLoop>();
let began = 0;

/** The stack below `above`, without its first line. */
function stackBelow(above: (...args: never[]) => unknown): string {
  const error = Error as ErrorConstructor & {
    stackTraceLimit?: number;
    captureStackTrace?(target: object, above: (...args: never[]) => unknown): void;
  };
  const limit = error.stackTraceLimit;
  if (limit !== undefined) error.stackTraceLimit = DEPTH;
  const target: { stack?: string } = new Error();
  error.captureStackTrace?.(target, above);
  if (limit !== undefined) error.stackTraceLimit = limit;
  return (target.stack ?? '').replace(/^Error\n/, '');
}

const isCoroutineFunction = (callback: object): boolean =>
  /^Async|Generator/.test((callback as { [Symbol.toStringTag]?: string })[Symbol.toStringTag] ?? '');

const hooks: LoopHooks = {
  check(callback, method) {
    if (isCoroutineFunction(callback)) throw new TypeError(`coroutines cannot be used with ${method}()`);
  },
  scheduled(loop: EventLoop, handle: Handle) {
    if (debugged.has(loop)) origins.set(handle, stackBelow(hooks.scheduled as never));
  },
  created(future) {
    if (debugged.has(future.getLoop())) origins.set(future, stackBelow(hooks.created as never));
  },
  origin: (thing) => origins.get(thing),
  before() {
    began = host.performance.now();
  },
  after(loop: DebugLoop, item) {
    const took = host.performance.now() - began;
    if (!debugged.has(loop) || took < (loop.slowCallbackDurationMs ?? Infinity)) return;
    getLogger().warn(`Executing ${formatValue(item)} took ${(took / 1000).toFixed(3)} seconds`);
  },
};

/**
 * Makes `loop.setDebug(true)` do what asyncio's does: report steps that take `slowCallbackDurationMs` or longer, refuse
 * coroutine functions as callbacks, and say where futures and callbacks were made.
 *
 * @source LOOP-8 · CPython `BaseEventLoop`, its debug mode
 */
export function enableDebugChecks(): void {
  realm.debug = (loop, enabled) => {
    if (enabled) debugged.add(loop);
    else debugged.delete(loop);
    if (debugged.size > 0) realm.hooks ??= hooks;
    else if (realm.hooks === hooks) realm.hooks = undefined;
  };
  (realm.closing ??= new Set()).add((loop) => realm.debug?.(loop, false));
}
