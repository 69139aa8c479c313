/** A loop of another thread, as a worker sees it. Every call is settled: by its outcome, or by the end of either side. */
import { joinSignal, leaveSignal, realm, refuse } from '@aiokit/loop-core';
import { ConcurrentFuture, confirmCancelled, fulfil, reject } from './concurrent-future.js';
import type { ErrorRecord } from './internal/error-record.js';
import { assertMayBlock, listen, type Port, workerThreads } from './internal/host.js';
import {
  BLOCK,
  BLOCKED,
  CALL_SOON,
  type CallOptions,
  CANCEL,
  CANCELLED,
  checkCall,
  CLOSED,
  failure,
  LENGTH,
  type LoopTicket,
  REPLIES,
  type Reply,
  type Request,
  RESULT,
  RUN,
  SEEN,
  uncloneable,
  WORDS,
  WRITTEN,
} from './internal/messages.js';
import { errorFrom, framesOf, MARK_FRAMES } from './internal/remote-error.js';

export type { CallOptions };

declare const TextDecoder: new () => { decode(bytes: Uint8Array): string };
declare const performance: { now(): number };

type Receive = (port: Port) => { readonly message: unknown } | undefined;

const settled = /* @__PURE__ */ Promise.resolve();

/** A call that has no outcome yet. */
interface Pending {
  readonly future: ConcurrentFuture<unknown>;
  /** Which message it was, counted from 1. */
  readonly number: number;
  readonly calledAt: Error;
  /** The reason of the signal that has asked for its end. */
  aborted: { readonly reason: unknown } | undefined;
  readonly leave: (() => void) | undefined;
}

/** What all views of one connection share. */
class Channel {
  readonly ticket: LoopTicket;
  readonly #port: Port;
  readonly #pending: Map<number, Pending> = new Map();
  /** Takes a message over without waiting; undefined where the host lets no blocked thread do so. */
  readonly #receive: Receive | undefined;
  #sent = 0;
  /** Replies that were taken over; as many as were sent, if nothing is there. */
  #taken = 0;
  #keeping = false;
  #lastId = 0;
  #ended: ErrorRecord | undefined;

  constructor(ticket: LoopTicket) {
    this.ticket = ticket;
    this.#port = ticket.port as Port;
    this.#receive = workerThreads()?.receiveMessageOnPort;
    listen(this.#port, 'message', (reply) => this.#take(reply as Reply));
    listen(this.#port, 'messageerror', () =>
      this.#endAll(failure('an outcome could not be read', { code: 'UNREADABLE' }), false),
    );
    listen(this.#port, 'close', () =>
      this.#endAll(failure('the thread of the loop has ended', { code: 'THREAD_ENDED' })),
    );
    this.#port.unref?.();
  }

  get ended(): boolean {
    return (
      this.#ended !== undefined || (!!this.ticket.words && Atomics.load(this.ticket.words, CLOSED) === 1)
    );
  }

  check(name: string): void {
    const { functions } = this.ticket;
    if (!Object.hasOwn(functions, name)) refuse('name', `one of ${Object.keys(functions).join(', ')}`, name);
    if (this.ended)
      throw errorFrom(this.#ended ?? failure('the portal is closed', { code: 'PORTAL_CLOSED' }));
  }

  send(request: Request, what: string, transfer?: readonly unknown[]): void {
    try {
      this.#port.postMessage(request, transfer);
    } catch (error) {
      throw uncloneable(what, error);
    }
    this.#sent++;
  }

  call(name: string, args: unknown[], options: CallOptions, calledAt: Error): ConcurrentFuture<unknown> {
    const { signal, transfer } = options;
    const id = ++this.#lastId;
    const future = new ConcurrentFuture<unknown>({
      cancel: (message) => this.#cancel(id, message),
      block: (_, timeoutMs) => this.#block(id, timeoutMs),
    });
    if (signal?.aborted) {
      reject(future as ConcurrentFuture<never>, signal.reason);
      return future;
    }
    this.send(
      this.#receive ? [RUN, name, args, id] : [RUN, name, args, id, true],
      `the arguments of '${name}'`,
      transfer,
    );
    const wait = { abort: (reason: unknown) => this.#abort(id, reason) };
    const pending = {
      future,
      number: this.#sent,
      calledAt,
      aborted: undefined,
      leave: signal && (() => leaveSignal(signal, wait)),
    };
    this.#pending.set(id, pending);
    // Whoever blocks is alive anyway.
    if (!this.#keeping) {
      this.#keeping = true;
      void settled.then(this.#keep);
    }
    if (signal) joinSignal(signal, wait);
    return future;
  }

  close(): void {
    this.#endAll(failure('the connection was closed here', { code: 'PORTAL_CLOSED' }));
    this.#port.close?.();
  }

  #cancel(id: number, message: string | undefined): boolean {
    if (!this.#pending.has(id)) return false;
    this.send([CANCEL, message, id], 'message');
    return true;
  }

  #abort(id: number, reason: unknown): void {
    const pending = this.#pending.get(id);
    if (!pending) return;
    pending.aborted = { reason };
    this.#cancel(id, (reason as Error | null)?.message);
  }

  #take([id, kind, value]: Reply): void {
    this.#taken++;
    if (id === 0) return this.#endAll(value as ErrorRecord);
    if (id > 0) return this.#settle(id, kind, value);
    for (const [other, { number }] of this.#pending) if (number === -id) this.#settle(other, kind, value);
  }

  /** A pending call keeps the thread alive. */
  readonly #keep = (): void => {
    this.#keeping = false;
    if (this.#pending.size > 0) this.#port.ref?.();
    else this.#port.unref?.();
  };

  #settle(id: number, kind: number, value: unknown): void {
    const pending = this.#pending.get(id);
    if (!pending) return;
    this.#pending.delete(id);
    if (!this.#receive) this.send([SEEN, id], 'id');
    const { future, aborted, calledAt, leave } = pending;
    leave?.();
    if (this.#pending.size === 0 && !this.#keeping) this.#keep();
    const never = future as ConcurrentFuture<never>;
    if (kind === RESULT) fulfil(future, value);
    else if (aborted) reject(never, aborted.reason);
    else if (kind === CANCELLED) confirmCancelled(never, value as string | undefined);
    else reject(never, errorFrom(value as ErrorRecord, framesOf(calledAt)));
  }

  #endAll(why: ErrorRecord, over = true): void {
    if (over) this.#ended ??= why;
    const pending = [...this.#pending.keys()];
    for (const id of pending) this.#settle(id, -1, why);
  }

  /** Waits for a call, with the thread stopped. */
  #block(id: number, timeoutMs: number): void {
    const { words, thread } = this.ticket;
    if (timeoutMs > 0) assertMayBlock(thread);
    const end = timeoutMs === Infinity ? Infinity : performance.now() + timeoutMs;
    const receive = this.#receive;
    if (!receive && timeoutMs > 0) {
      Atomics.store(words as Int32Array, BLOCKED, id);
      this.send([BLOCK, id], 'id');
    }
    for (;;) {
      // In this order: who closes has sent all outcomes before, and adds to the number after.
      const replies = words ? Atomics.load(words, REPLIES) : 0;
      const closed = !!words && Atomics.load(words, CLOSED) === 1;
      if (receive) this.#takeAll(id, closed ? Atomics.load(words, REPLIES) : replies, receive);
      else if (words && Atomics.load(words, WRITTEN) === id) return this.#read(words);
      if (!this.#pending.has(id)) return;
      if (closed) {
        return this.#endAll(failure('the portal is closed', { code: 'PORTAL_CLOSED' }));
      }
      const left = end === Infinity ? end : end - performance.now();
      if (left > 0) Atomics.wait(words as Int32Array, REPLIES, replies, left);
      // Who writes an outcome has claimed it, and is done at once.
      else if (receive || !words || Atomics.compareExchange(words, BLOCKED, id, 0) !== -id) return;
    }
  }

  /** Takes over what has come, up to what is waited for. */
  #takeAll(id: number, replies: number, receive: Receive): void {
    while (this.#taken !== replies && this.#pending.has(id)) {
      const got = receive(this.#port);
      if (!got) return;
      this.#take(got.message as Reply);
    }
  }

  /** Reads the outcome that was written for this thread. */
  #read(words: Int32Array): void {
    const length = Atomics.load(words, LENGTH);
    // A decoder takes no memory that is shared.
    const bytes = new Uint8Array(words.buffer, WORDS * 4, length).slice();
    Atomics.store(words, WRITTEN, 0);
    Atomics.store(words, BLOCKED, 0);
    this.#take(JSON.parse(new TextDecoder().decode(bytes)) as Reply);
  }
}

/**
 * A loop of another thread.
 *
 * @source THREAD-1 · CPython `loop.call_soon_threadsafe`, `asyncio.run_coroutine_threadsafe`
 */
export class RemoteLoop {
  readonly #channel: Channel;
  readonly #options: CallOptions;

  /** Made by `connect`. */
  constructor(channel: object, options: CallOptions = {}) {
    this.#channel = channel as Channel;
    this.#options = options;
  }

  /** Whether nothing can be called any more. */
  get closed(): boolean {
    return this.#channel.ended;
  }

  /**
   * The same loop, with options for what is called through it.
   *
   * @param options a signal that cancels, and what is transferred
   * @returns another view of the connection
   * @throws TypeError naming the option that is of the wrong type
   * @source THREAD-2 · no CPython counterpart
   */
  with(options: CallOptions): RemoteLoop {
    checkCall(options, []);
    return new RemoteLoop(this.#channel, options);
  }

  /**
   * Has a function called in the loop's next iteration, after what was called before.
   *
   * @param name what it was exposed as
   * @param args its arguments, which are copied
   * @throws TypeError if there is no such function, it is a coroutine, or an argument cannot be copied; RuntimeError
   * (`LOOP_CLOSED`, `PORTAL_CLOSED`, `THREAD_ENDED`) after the end. Nothing was sent
   * @ordering first come, first served, with everything else that one thread calls
   * @source THREAD-2 · CPython `loop.call_soon_threadsafe`
   */
  callSoonThreadsafe(name: string, ...args: unknown[]): void {
    checkCall(this.#options, args);
    this.#channel.check(name);
    if (this.#channel.ticket.functions[name] === 1) {
      throw new TypeError('coroutines cannot be used with callSoonThreadsafe()');
    }
    this.#channel.send([CALL_SOON, name, args], `the arguments of '${name}'`, this.#options.transfer);
  }

  /**
   * Runs a function, coroutine or not, on the loop.
   *
   * @param name what it was exposed as
   * @param args its arguments, which are copied
   * @returns a future of its outcome: `await` it, or in a worker wait for its `result({ timeoutMs })`. Who blocks is not
   * told when the thread of the loop dies without closing it (DIFF-96): give a time
   * @throws TypeError if there is no such function, or an argument cannot be copied; RuntimeError (`LOOP_CLOSED`,
   * `PORTAL_CLOSED`, `THREAD_ENDED`) after the end. Nothing was sent
   * @ordering as `callSoonThreadsafe`
   * @cancellation the future's `cancel()` and the signal cancel the task on the loop; the future ends when the task has
   * @complexity O(1); two messages
   * @source THREAD-2 · CPython `asyncio.run_coroutine_threadsafe`
   */
  runCoroutineThreadsafe<T = unknown>(name: string, ...args: unknown[]): ConcurrentFuture<T> {
    checkCall(this.#options, args);
    this.#channel.check(name);
    const host = Error as { stackTraceLimit?: number | undefined };
    const limit = host.stackTraceLimit;
    if (limit !== undefined && !realm.hooks) host.stackTraceLimit = Math.min(limit, MARK_FRAMES);
    const calledAt = new Error();
    host.stackTraceLimit = limit;
    return this.#channel.call(name, args, this.#options, calledAt) as ConcurrentFuture<T>;
  }

  /** Gives the ticket up. What is pending fails; on the loop it goes on. */
  close(): void {
    this.#channel.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }
}

/**
 * Connects to a loop of another thread.
 *
 * @param ticket what `portal.ticket()` made; it is used up
 * @returns the loop
 * @throws TypeError if it is no ticket
 * @example
 * const loop = connect(workerData);
 * const page = loop.runCoroutineThreadsafe('load', url).result({ timeoutMs: 1000 });
 * @source THREAD-1 · no CPython counterpart
 */
export function connect(ticket: LoopTicket): RemoteLoop {
  if (typeof (ticket?.port as Port | undefined)?.postMessage !== 'function') {
    refuse('ticket', 'what portal.ticket() made, with its port transferred', ticket);
  }
  return new RemoteLoop(new Channel(ticket));
}
