/** What the host has of threads, without an import: Node, Deno, Bun, browsers. */
import { realm } from '@aiokit/loop-core';
import { BlockingNotAllowedError } from '../errors.js';

/** A port or worker, by whichever of the two interfaces hosts have. */
export interface Port {
  postMessage(message: unknown, transfer?: readonly unknown[]): void;
  on?(event: string, listener: (value: never) => void): unknown;
  addEventListener?(event: string, listener: (event: { data: unknown }) => void): void;
  start?(): void;
  close?(): void;
  ref?(): void;
  unref?(): void;
}

/** What `node:worker_threads` has, there and in what is compatible. */
export interface WorkerThreads {
  readonly Worker: new (
    source: string | object,
    options: object,
  ) => Port & { terminate(): PromiseLike<unknown>; readonly threadId: number };
  readonly isMainThread: boolean;
  readonly parentPort: Port | null;
  readonly receiveMessageOnPort: (port: Port) => { readonly message: unknown } | undefined;
}

interface Host {
  readonly process?: { getBuiltinModule?(id: string): unknown };
  readonly document?: unknown;
  readonly SharedArrayBuffer?: unknown;
}

const host = globalThis as Host;

/** Node's module, or undefined in browsers. */
export const workerThreads = (): WorkerThreads | undefined =>
  host.process?.getBuiltinModule?.('worker_threads') as WorkerThreads | undefined;

/** Whether memory can be shared with workers. A page has to ask for it by two headers. */
export const hasSharedMemory = (): boolean => typeof host.SharedArrayBuffer === 'function';

/** What names this thread to others. */
export const threadName = (): string => (realm.thread ??= Math.random().toString(36).slice(2));

/** Listens, by whichever interface there is. */
export function listen(port: Port, event: string, listener: (value: unknown) => void): void {
  if (port.on) port.on(event, listener);
  else {
    port.addEventListener?.(event, (received) => listener(event === 'message' ? received.data : received));
    port.start?.();
  }
}

/**
 * Makes sure that stopping this thread stops nobody who has to go on.
 *
 * @param loopThread the thread of the loop that would answer
 * @throws BlockingNotAllowedError (`BLOCKING_NOT_ALLOWED`) naming the reason
 * @source THREAD-4 · no CPython counterpart
 */
export function assertMayBlock(loopThread: string): void {
  const refuse = (why: string): never => {
    throw new BlockingNotAllowedError(`${why}: use await`);
  };
  if (host.document !== undefined) refuse("a window's thread may not block");
  if (loopThread === threadName()) refuse("this is the loop's own thread, which must answer");
  if (realm.running) refuse('a loop of this thread is running, and would stop');
  if (!hasSharedMemory()) {
    refuse(
      'a worker can block with SharedArrayBuffer only, which a page has if it is served with the headers Cross-Origin-Opener-Policy: same-origin and Cross-Origin-Embedder-Policy: require-corp',
    );
  }
}
