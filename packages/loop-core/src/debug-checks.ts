/** asyncio's own checks of debug mode: slow steps, coroutines given as callbacks, where a thing was made. */
import type { EventLoop, Handle, LoopHooks } from './event-loop.js';
import { formatValue } from './exception-context.js';
import { isCoroutineFunction } from './internal/check.js';
import { getLogger } from './logger.js';
import { realm } from './realm.js';

declare const performance: { now(): number };

/** How many frames of a stack are kept, as in asyncio. */
const DEPTH = 10;

interface DebugLoop extends EventLoop {
  readonly slowCallbackDurationMs?: number;
}

const origins = /* @__PURE__ */ new WeakMap<object, string>();
const debugged = /* @__PURE__ */ new Set<EventLoop>();
/** When the step began that is at work. */
let began: number | undefined;

/** The stack of whoever called a hook, innermost frame first. */
function stackOf(): string {
  const host = Error as { stackTraceLimit?: number };
  const limit = host.stackTraceLimit;
  // Two frames are this function's and the hook's.
  if (limit !== undefined) host.stackTraceLimit = DEPTH + 2;
  const { stack = '' } = new Error('here');
  if (limit !== undefined) host.stackTraceLimit = limit;
  const lines = stack.split('\n');
  return lines.slice(lines[0] === 'Error: here' ? 3 : 2).join('\n');
}

const hooks: LoopHooks = {
  check(callback, method) {
    if (isCoroutineFunction(callback)) throw new TypeError(`coroutines cannot be used with ${method}()`);
  },
  scheduled(loop: EventLoop, handle: Handle) {
    if (debugged.has(loop)) origins.set(handle, stackOf());
  },
  created(future) {
    if (debugged.has(future.getLoop())) origins.set(future, stackOf());
  },
  coroutine(coroutine) {
    origins.set(coroutine, stackOf());
  },
  origin: (thing) => origins.get(thing as object),
  before() {
    began = performance.now();
  },
  after(loop: DebugLoop, item) {
    const took = performance.now() - (began ?? Infinity);
    began = undefined;
    if (!debugged.has(loop) || took < (loop.slowCallbackDurationMs ?? Infinity)) return;
    getLogger().warn(`Executing ${formatValue(item)} took ${(took / 1000).toFixed(3)} seconds`);
  },
};

/**
 * Makes `loop.setDebug(true)` do what asyncio's does.
 *
 * Steps that take `slowCallbackDurationMs` or longer are reported, coroutine functions are refused as callbacks, and
 * reports say where futures and callbacks were made.
 *
 * @source LOOP-8 · CPython `BaseEventLoop`, its debug mode
 */
export function enableDebugChecks(): void {
  if (realm.debug) return;
  realm.debug = (loop, enabled) => {
    // The step at work has begun before.
    began = undefined;
    if (enabled) debugged.add(loop);
    else debugged.delete(loop);
    if (debugged.size > 0) realm.hooks ??= hooks;
    else if (realm.hooks === hooks) realm.hooks = undefined;
  };
  (realm.closing ??= new Set()).add((loop) => realm.debug?.(loop, false));
  // Debug mode may have been turned on before.
  for (const loop of [realm.loop, realm.running]) if (loop?.getDebug?.()) realm.debug(loop, true);
}
