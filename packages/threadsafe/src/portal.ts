/** Where other threads may call into a loop. No CPython counterpart: its threads share the functions themselves. */
import { type EventLoop, isNoCallback, realm, refuse, RuntimeError, sameLoop } from '@aiokit/loop-core';
import { Connection, type Exposed } from './internal/connection.js';
import type { ErrorRecord } from './internal/error-record.js';
import { hasSharedMemory, type Port, threadName } from './internal/host.js';
import { failure, type LoopTicket, WORDS } from './internal/messages.js';

export type { LoopTicket };

declare const MessageChannel: new () => { port1: Port; port2: Port };

/** What `exposeLoop` is given. */
export interface ExposeOptions {
  /** What other threads may call, by name: coroutine functions, async functions, plain functions. */
  readonly functions: Exposed;
}

/** What `LoopPortal.stop` may be given. */
export interface StopOptions {
  /** Cancels what is at work; otherwise it is waited for. */
  readonly cancelRemaining?: boolean | undefined;
}

/** The longest answer that a blocked worker of a browser can be given. */
const MOST_BYTES = 2 ** 24;
const FIRST_BYTES = 2 ** 12;

function makeWords(): Int32Array | undefined {
  if (!hasSharedMemory()) return undefined;
  const Memory = SharedArrayBuffer as unknown as new (bytes: number, options?: object) => SharedArrayBuffer;
  return new Int32Array(new Memory(FIRST_BYTES, { maxByteLength: MOST_BYTES }), 0, WORDS);
}

/**
 * A loop's functions, as other threads may call them.
 *
 * @source THREAD-1 · anyio's `BlockingPortal`; no CPython counterpart
 */
export class LoopPortal {
  readonly #loop: EventLoop;
  readonly #functions: Exposed;
  readonly #connections: Set<Connection> = new Set();
  #stopped = false;
  #closed = false;

  /**
   * @param loop the loop
   * @param functions what may be called
   * @source THREAD-1
   */
  constructor(loop: EventLoop, functions: Exposed) {
    this.#loop = loop;
    this.#functions = functions;
    const closing = (closed: EventLoop) => {
      if (sameLoop(closed, loop)) this.#close(failure('Event loop is closed', { code: 'LOOP_CLOSED' }));
    };
    this.#forget = () => realm.closing?.delete(closing);
    (realm.closing ??= new Set()).add(closing);
  }

  readonly #forget: () => void;

  /** How many calls are at work. */
  get pending(): number {
    let sum = 0;
    for (const { calls } of this.#connections) sum += calls.size;
    return sum;
  }

  /** Whether nothing can be called any more. */
  get closed(): boolean {
    return this.#closed;
  }

  /**
   * Makes what one other thread needs to call in: `worker.postMessage(ticket, [ticket.port])`, then `connect(ticket)`.
   *
   * @returns a ticket for one thread
   * @throws RuntimeError (`PORTAL_CLOSED`) once the portal is stopped
   * @source THREAD-1 · no CPython counterpart
   */
  ticket(): LoopTicket {
    if (this.#stopped) throw new RuntimeError('the portal is stopped', { code: 'PORTAL_CLOSED' });
    const { port1, port2 } = new MessageChannel();
    const words = makeWords();
    const forget = (connection: Connection) => void this.#connections.delete(connection);
    this.#connections.add(new Connection(this.#loop, port1, words, this.#functions, forget));
    const functions: Record<string, 0 | 1> = {};
    for (const [name, callback] of Object.entries(this.#functions)) {
      functions[name] = isNoCallback(callback) ? 1 : 0;
    }
    return { port: port2, words, functions, thread: threadName() };
  }

  /**
   * Takes no more calls, waits for those that are at work, and closes.
   *
   * @param options whether to cancel them
   * @returns once every call has its outcome and the portal is closed
   * @throws TypeError if `cancelRemaining` is not a boolean; nothing has changed
   * @ordering the outcomes reach their callers before the end does
   * @cancellation of the caller's: the portal stays stopped; stop it again
   * @complexity O(calls)
   * @source THREAD-6 · anyio's `BlockingPortal.stop`; no CPython counterpart
   */
  async stop({ cancelRemaining = false }: StopOptions = {}): Promise<void> {
    if (typeof cancelRemaining !== 'boolean') refuse('cancelRemaining', 'true or false', cancelRemaining);
    this.#stopped = true;
    for (const connection of this.#connections) {
      connection.refuse(failure('the portal is stopped', { code: 'PORTAL_CLOSED' }));
    }
    do {
      const left: PromiseLike<unknown>[] = [];
      for (const { calls } of this.#connections) {
        for (const future of calls.values()) {
          if (!future) continue;
          if (cancelRemaining) future.cancel();
          left.push(future);
        }
      }
      await Promise.all(left.map((one) => one.then(ignore, ignore)));
      // Functions that are no coroutines run meanwhile, and may give what has to be waited for; outcomes are told one
      // iteration after they are there.
      await new Promise<void>((resolve) => {
        this.#loop.callSoon(() => this.#loop.callSoon(resolve));
      });
    } while (this.pending > 0 && !this.#closed);
    this.#close(failure('the portal is stopped', { code: 'PORTAL_CLOSED' }));
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  #close(why: ErrorRecord): void {
    this.#stopped = this.#closed = true;
    this.#forget();
    for (const connection of this.#connections) connection.close(why);
  }
}

const ignore = (): void => {};

/**
 * Lets other threads call named functions on a loop.
 *
 * Neither code nor closures travel: a worker can call what is named here, with arguments that structured cloning can copy.
 *
 * @param loop where the functions run
 * @param options the functions
 * @returns the portal: give each thread a ticket of its own
 * @throws TypeError if `loop` is no loop, or `functions` is no object of functions
 * @example
 * const portal = exposeLoop(getEventLoop(), { functions: { async load(url) { … } } });
 * const ticket = portal.ticket();
 * new Worker(file, { workerData: ticket, transferList: [ticket.port] });
 * @source THREAD-1 · no CPython counterpart
 */
export function exposeLoop(loop: EventLoop, { functions }: ExposeOptions): LoopPortal {
  if (typeof loop?.enqueue !== 'function') refuse('loop', 'an event loop', loop);
  if (typeof functions !== 'object' || functions === null) refuse('functions', 'an object', functions);
  for (const [name, callback] of Object.entries(functions)) {
    if (typeof callback !== 'function') refuse(`functions.${name}`, 'a function', callback);
  }
  return new LoopPortal(loop, { ...functions });
}
