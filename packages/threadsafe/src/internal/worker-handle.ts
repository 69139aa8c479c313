/** A worker of any kind, as a pool sees it. */
import { type Port, workerThreads } from './host.js';
import { WORKER_SOURCE } from './worker-source.js';

/** Told what a worker does. */
export interface WorkerListener {
  message(message: unknown): void;
  /** A message has come that cannot be read. */
  unreadable(error: unknown): void;
  /** It has ended, for whatever reason; called once, and last. */
  ended(error: unknown): void;
}

/** What a pool needs of a worker. */
export interface WorkerHandle {
  /** Whether it shares memory. */
  readonly shares: boolean;
  /** A Web Lock that it is to hold while it lives. */
  readonly lock?: string | undefined;
  post(message: unknown, transfer?: readonly object[]): void;
  /** Ends it at once. */
  terminate(): void;
  /** Whether it keeps the process alive. */
  keep(alive: boolean): void;
}

/** Starts a worker. */
export type StartWorker = (listener: WorkerListener) => WorkerHandle;

/** A worker of the platform's. */
export interface PlatformWorker {
  postMessage(message: unknown, transfer?: readonly object[]): void;
  terminate(): unknown;
}

interface WebWorker extends PlatformWorker {
  addEventListener(
    type: string,
    listener: (event: { data?: unknown; message?: string; error?: unknown; preventDefault(): void }) => void,
  ): void;
}
interface Host {
  readonly Worker: new (url: string, options: object) => WebWorker;
  readonly URL: { createObjectURL(blob: object): string };
  readonly Blob: new (parts: string[], options: object) => object;
  readonly SharedArrayBuffer?: unknown;
  readonly navigator?: {
    readonly locks?: { request(name: string, callback: () => void): PromiseLike<void> };
  };
}

const host = globalThis as unknown as Host;

/** One of `node:worker_threads`. */
export function nodeWorker(
  worker: Port & { terminate(): PromiseLike<unknown> },
  listener: WorkerListener,
): WorkerHandle {
  let error: unknown;
  worker.on?.('message', (message) => listener.message(message));
  worker.on?.('messageerror', (event) => listener.unreadable(event));
  worker.on?.('error', (thrown) => {
    error = thrown;
  });
  worker.on?.('exit', (code) =>
    listener.ended(error ?? new Error(`the worker has ended with exit code ${String(code)}`)),
  );
  return {
    shares: true,
    post: (message, transfer) => worker.postMessage(message, transfer),
    terminate: () => void worker.terminate(),
    keep: (alive) => (alive ? worker.ref?.() : worker.unref?.()),
  };
}

function webWorker(worker: WebWorker, listener: WorkerListener): WorkerHandle {
  let over = false;
  const end = (error: unknown) => {
    if (over) return;
    over = true;
    worker.terminate();
    // As elsewhere, whoever ends it is not told before it returns.
    void Promise.resolve().then(() => listener.ended(error));
  };
  worker.addEventListener('error', (event) => {
    event.preventDefault();
    end(event.error ?? new Error(event.message ?? 'the worker could not be loaded'));
  });
  worker.addEventListener('messageerror', (event) => listener.unreadable(event));
  const locks = host.navigator?.locks;
  const lock = locks && `aiokit-${Math.random().toString(36).slice(2)}`;
  let watched = false;
  worker.addEventListener('message', ({ data }) => {
    if (over) return;
    // Its first message says that it holds its lock; whoever gets it then knows that it has ended.
    if (lock && !watched) void locks.request(lock, () => end(new Error('the worker has ended')));
    watched = true;
    listener.message(data);
  });
  return {
    shares: typeof host.SharedArrayBuffer === 'function',
    lock,
    post: (message, transfer) => worker.postMessage(message, transfer ?? []),
    terminate: () => end(new Error('the worker was terminated')),
    keep: () => {},
  };
}

let address: string | undefined;

/** What the host's workers are made with. */
export interface ThreadOptions {
  readonly name: string;
  readonly resourceLimits?: object | undefined;
  /** Starts the worker instead. */
  readonly startWorker?: (() => PlatformWorker) | undefined;
}

/** Starts a thread of the host's, Node's or the web's. */
export function startThread(options: ThreadOptions, listener: WorkerListener): WorkerHandle {
  const threads = workerThreads();
  if (options.startWorker) {
    const worker = options.startWorker();
    return 'addEventListener' in worker
      ? webWorker(worker as WebWorker, listener)
      : nodeWorker(worker as never, listener);
  }
  if (threads) {
    const { name, resourceLimits } = options;
    return nodeWorker(new threads.Worker(WORKER_SOURCE, { eval: true, name, resourceLimits }), listener);
  }
  address ??= host.URL.createObjectURL(new host.Blob([WORKER_SOURCE], { type: 'text/javascript' }));
  return webWorker(new host.Worker(address, { type: 'module', name: options.name }), listener);
}
