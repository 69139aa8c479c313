/** Handlers of process signals, where the host has them. */
import { sameLoop } from './current-loop.js';
import { RuntimeError } from './errors.js';
import type { EventLoop } from './event-loop.js';
import { checkCallback, isNoCallback } from './internal/check.js';
import { realm } from './realm.js';

interface HostProcess {
  on?(signal: string, listener: () => void): void;
  off?(signal: string, listener: () => void): void;
  getBuiltinModule?(id: string): { isMainThread?: boolean; constants?: { signals: object } } | undefined;
}

const handlers = /* @__PURE__ */ new Map<EventLoop, Map<string, () => void>>();

function hostOf(signal: string): Required<HostProcess> {
  if (typeof signal !== 'string')
    throw new TypeError(`signal must be a name such as 'SIGINT', got ${String(signal)}`);
  const host = (globalThis as { process?: HostProcess }).process;
  if (!host?.on || host.getBuiltinModule?.('worker_threads')?.isMainThread === false) {
    throw new RuntimeError('set_wakeup_fd only works in main thread of the main interpreter', {
      code: 'NO_SIGNALS',
    });
  }
  const known = host.getBuiltinModule?.('os')?.constants?.signals;
  if (known && !(signal in known)) throw new RangeError(`signal must be one of this system's, got ${signal}`);
  if (signal === 'SIGKILL' || signal === 'SIGSTOP') throw new RangeError(`signal ${signal} cannot be caught`);
  return host as Required<HostProcess>;
}

/**
 * Calls a function through a loop whenever the process receives a signal, in place of what the loop did so far.
 *
 * @param loop the loop
 * @param signal the signal's name
 * @param callback called in the loop's next iteration
 * @param args its arguments
 * @throws TypeError or RangeError naming what is wrong; RuntimeError (`NO_SIGNALS`) where there are no signals; nothing
 * has changed
 * @ordering signals run in the order of their arrival
 * @source CPython `loop.add_signal_handler`
 */
export function addSignalHandler<A extends unknown[]>(
  loop: EventLoop,
  signal: string,
  callback: (...args: A) => void,
  ...args: A
): void {
  checkCallback(callback);
  if (isNoCallback(callback)) throw new TypeError('coroutines cannot be used with addSignalHandler()');
  const host = hostOf(signal);
  loop = loop.successor ?? loop;
  if ((loop as { isClosed?(): boolean }).isClosed?.()) {
    throw new RuntimeError('Event loop is closed', { code: 'LOOP_CLOSED' });
  }
  removeSignalHandler(loop, signal);
  const { context } = realm;
  const captured = context?.capture();
  const schedule = () => void loop.callSoon(callback, ...args);
  // The host calls a listener in the context of whoever listened first.
  const listener = () =>
    captured ? void captured.runInAsyncScope(schedule) : (context?.bare(schedule) ?? schedule)();
  let own = handlers.get(loop);
  if (!own) {
    own = new Map();
    handlers.set(loop, own);
    (realm.closing ??= new Set()).add(removeAll);
  }
  own.set(signal, listener);
  host.on(signal, listener);
}

/**
 * Takes the loop's handler of a signal away.
 *
 * @param loop the loop
 * @param signal the signal's name
 * @returns whether there was one
 * @throws as `addSignalHandler`
 * @source CPython `loop.remove_signal_handler`
 */
export function removeSignalHandler(loop: EventLoop, signal: string): boolean {
  const host = hostOf(signal);
  for (const [owner, own] of handlers) {
    const listener = own.get(signal);
    if (!listener || !sameLoop(owner, loop)) continue;
    own.delete(signal);
    host.off(signal, listener);
    return true;
  }
  return false;
}

function removeAll(loop: EventLoop): void {
  for (const [owner, own] of handlers) {
    if (!sameLoop(owner, loop)) continue;
    for (const signal of own.keys()) removeSignalHandler(owner, signal);
    handlers.delete(owner);
  }
}
