/** The loop's end of one ticket. It answers every call once; what it cannot answer any more it says at its end. */
import { type EventLoop, isCancelledError, realm, type Runnable } from '@aiokit/loop-core';
import type { Future } from '@aiokit/future';
import {
  type Coroutine,
  createTask,
  ensureFuture,
  isCoroutine,
  isCoroutineFunction,
  type Waitable,
} from '@aiokit/task';
import { isGeneratorFunction } from '@aiokit/task/is-coroutine';
import { recordOf } from './error-record.js';
import { listen, type Port, workerThreads } from './host.js';
import {
  BLOCK,
  BLOCKED,
  CALL_SOON,
  CANCEL,
  CANCELLED,
  CLOSED,
  ERROR,
  failure,
  LENGTH,
  REPLIES,
  type Reply,
  type Request,
  RESULT,
  RUN,
  SEEN,
  uncloneable,
  WORDS,
  WRITTEN,
} from './messages.js';

/** What can be called. */
export type Exposed = Readonly<Record<string, (...args: never[]) => unknown>>;

declare const TextEncoder: new () => { encode(text: string): Uint8Array };

/** Messages that are taken over at once, before the loop has its turn. */
const MOST_AT_ONCE = 1000;

/** A function that is no coroutine runs in a step of its own. */
class PlainCall implements Runnable {
  readonly #connection: Connection;
  readonly #call: () => unknown;
  readonly #id: number;

  constructor(connection: Connection, id: number, call: () => unknown) {
    this.#connection = connection;
    this.#id = id;
    this.#call = call;
  }

  run(): void {
    // A call that was cancelled before has its outcome.
    if (this.#connection.calls.delete(this.#id)) this.#connection.answer(this.#id, this.#call);
  }
}

export class Connection {
  /** What has been asked for and not answered, by its id; null before its first step. */
  readonly calls: Map<number, Future<unknown> | null> = new Map();
  readonly #loop: EventLoop;
  readonly #port: Port;
  readonly #words: Int32Array | undefined;
  readonly #functions: Exposed;
  readonly #ended: (connection: Connection) => void;
  /** Outcomes that a caller may ask for again, as its host lets no blocked thread receive messages. */
  readonly #kept: Map<number, Reply | undefined> = new Map();
  #received = 0;
  /** Why no more calls are taken. */
  #refused: unknown;
  #open = true;

  constructor(
    loop: EventLoop,
    port: Port,
    words: Int32Array | undefined,
    functions: Exposed,
    ended: (connection: Connection) => void,
  ) {
    this.#loop = loop;
    this.#port = port;
    this.#words = words;
    this.#functions = functions;
    this.#ended = ended;
    const receive = workerThreads()?.receiveMessageOnPort;
    listen(port, 'message', (first) => {
      this.#take(first as Request);
      if ((first as Request)[0] !== CALL_SOON) return;
      // Of a burst, what has come meanwhile goes into the same iteration.
      for (let more = MOST_AT_ONCE; receive && more > 0 && this.#open; more--) {
        const next = receive(port);
        if (!next) break;
        this.#take(next.message as Request);
      }
    });
    listen(port, 'messageerror', (error) => this.#unreadable(error, ++this.#received));
    listen(port, 'close', () => this.#end());
    // The thread that may call keeps the process alive, and not the readiness to listen.
    port.unref?.();
  }

  /** Takes no more calls. */
  refuse(why: unknown): void {
    this.#refused = why;
  }

  /** Settles what is open with an error, and closes. */
  close(why: unknown): void {
    if (!this.#open) return;
    this.#send([0, ERROR, why]);
    if (this.#words) Atomics.store(this.#words, CLOSED, 1);
    this.#wake();
    this.#end();
    this.#port.close?.();
  }

  /** Runs a plain function and says what became of it; goes on with what it returns if that can be waited for. */
  answer(id: number, call: () => unknown): void {
    let made: unknown;
    try {
      made = call();
      const known = made as { then?: unknown } | null | undefined;
      if (isCoroutine(made) || typeof known?.then === 'function') {
        return this.#follow(id, ensureFuture(made as Waitable<unknown>, { loop: this.#loop }));
      }
    } catch (error) {
      return this.#fail(id, error);
    }
    this.#reply([id, RESULT, made]);
  }

  #take(request: Request): void {
    const number = ++this.#received;
    switch (request[0]) {
      case CALL_SOON:
        return this.#soon(request[1], request[2]);
      case RUN:
        if (request[4]) this.#kept.set(request[3], undefined);
        return this.#run(request[1], request[2], request[3]);
      case CANCEL:
        if (this.calls.get(request[2])?.cancel(request[1]) === undefined)
          this.#cancelUnborn(request[2], request[1]);
        return;
      case BLOCK: {
        const reply = this.#kept.get(request[1]);
        if (reply) this.#write(reply);
        return;
      }
      case SEEN:
        this.#kept.delete(request[1]);
        return;
      default:
        this.#unreadable(`message ${number} is of no known kind`, number);
    }
  }

  #cancelUnborn(id: number, message: string | undefined): void {
    if (this.calls.delete(id)) this.#reply([id, CANCELLED, message]);
  }

  #soon(name: string, args: unknown[]): void {
    const callback = this.#functions[name] as (...args: unknown[]) => void;
    if (this.#refused === undefined) this.#loop.callSoon(callback, ...args);
    else this.#report(`a call of '${name}' came from another thread after the end`, this.#refused);
  }

  #run(name: string, args: unknown[], id: number): void {
    if (this.#refused !== undefined) return this.#reply([id, ERROR, this.#refused]);
    const callback = this.#functions[name] as (...args: unknown[]) => unknown;
    const loop = this.#loop;
    try {
      if (isGeneratorFunction(callback)) {
        this.#follow(id, createTask(callback(...args) as Coroutine<unknown>, { loop, name }));
      } else if (isCoroutineFunction(callback)) {
        this.#follow(
          id,
          createTask(() => callback(...args) as PromiseLike<unknown>, { loop, name }),
        );
      } else {
        this.calls.set(id, null);
        loop.enqueue(new PlainCall(this, id, () => callback(...args)));
      }
    } catch (error) {
      this.#fail(id, error);
    }
  }

  #follow(id: number, future: Future<unknown>): void {
    this.calls.set(id, future);
    future.subscribe({ run: () => this.#tell(id, future) });
  }

  #tell(id: number, future: Future<unknown>): void {
    this.calls.delete(id);
    if (!this.#open) return;
    let result: unknown;
    try {
      result = future.result();
    } catch (error) {
      if (future.cancelled()) this.#reply([id, CANCELLED, (error as Error).message || undefined]);
      else this.#fail(id, error);
      return;
    }
    this.#reply([id, RESULT, result]);
  }

  #fail(id: number, error: unknown): void {
    if (isCancelledError(error)) this.#reply([id, CANCELLED, error.message || undefined]);
    else this.#reply([id, ERROR, recordOf(error)]);
  }

  #reply(reply: Reply): void {
    if (!this.#open) return;
    const [id] = reply;
    try {
      this.#send(reply);
    } catch (error) {
      reply = [id, ERROR, recordOf(uncloneable('the result', error))];
      this.#send(reply);
    }
    if (this.#kept.has(id)) {
      this.#kept.set(id, reply);
      this.#write(reply);
    }
    this.#wake();
  }

  #send(reply: Reply): void {
    const value = reply[2];
    const transfer = typeof value === 'object' && value ? realm.transfers?.get(value) : undefined;
    this.#port.postMessage(reply, transfer);
  }

  #wake(): void {
    if (!this.#words) return;
    Atomics.add(this.#words, REPLIES, 1);
    Atomics.notify(this.#words, REPLIES);
  }

  /** Writes an outcome where its caller, which is blocked, can read it. */
  #write(reply: Reply): void {
    const [id] = reply;
    const words = this.#words as Int32Array;
    if (Atomics.compareExchange(words, BLOCKED, id, -id) !== id) return;
    const memory = words.buffer as SharedArrayBuffer & { grow?(size: number): void };
    const encoder = new TextEncoder();
    let bytes: Uint8Array;
    const start = WORDS * 4;
    try {
      bytes = encoder.encode(JSON.stringify(reply));
      if (start + bytes.length > memory.byteLength) memory.grow?.(start + bytes.length);
      new Uint8Array(memory, start, bytes.length).set(bytes);
    } catch (error) {
      const why = `a blocked worker of this host gets results as JSON, of the size that fits: ${(error as Error).message}`;
      bytes = encoder.encode(JSON.stringify([id, ERROR, failure(why, { code: 'RESULT_TOO_LARGE' })]));
      new Uint8Array(memory, start, bytes.length).set(bytes);
    }
    Atomics.store(words, LENGTH, bytes.length);
    Atomics.store(words, WRITTEN, id);
    this.#wake();
  }

  #unreadable(error: unknown, number: number): void {
    this.#report('a message from another thread could not be read', error);
    this.#reply([-number, ERROR, failure('the loop could not read the call', { code: 'UNREADABLE' })]);
  }

  #report(message: string, exception: unknown): void {
    this.#loop.callExceptionHandler({ message, exception });
  }

  #end(): void {
    if (!this.#open) return;
    this.#open = false;
    this.#ended(this);
  }
}
