/** The page's side of the worker: one request at a time, each with a time limit. */
import type { Reply, Request } from './requests.ts';

/** What the client needs of a worker. */
export interface WorkerLike {
  onmessage: ((event: { data: Reply }) => void) | null;
  onerror: ((event: { message?: string }) => void) | null;
  postMessage(request: Request): void;
  terminate(): void;
}

/** Sets a timer, and returns what takes it back. */
export type Timer = (callback: () => void, delayMs: number) => () => void;

const hostTimer: Timer = (callback, delayMs) => {
  const timer = setTimeout(callback, delayMs);
  return () => clearTimeout(timer);
};

export class Client {
  readonly #make: () => WorkerLike;
  readonly #limitMs: number;
  readonly #timer: Timer;
  #worker: WorkerLike | undefined;
  #settle: ((reply: Reply) => void) | undefined;

  /** @param limitMs how long a request may take */
  constructor(make: () => WorkerLike, limitMs: number, timer = hostTimer) {
    this.#make = make;
    this.#limitMs = limitMs;
    this.#timer = timer;
  }

  /** Whether a request is being worked on. */
  get busy(): boolean {
    return this.#settle !== undefined;
  }

  /** Asks the worker. An earlier request that is not answered is given up. */
  async ask(request: Request): Promise<Reply> {
    if (this.busy) this.stop('Another program was started.');
    const worker = (this.#worker ??= this.#make());
    const seconds = this.#limitMs / 1000;
    const cancel = this.#timer(
      () => this.stop(`Stopped after ${seconds} seconds: the program, or the search, did not end.`),
      this.#limitMs,
    );
    try {
      return await new Promise<Reply>((resolve) => {
        this.#settle = resolve;
        worker.onmessage = ({ data }) => this.#end(data);
        worker.onerror = ({ message }) => this.stop(message ?? 'the worker could not be loaded');
        worker.postMessage(request);
      });
    } finally {
      cancel();
    }
  }

  /** Ends the worker with what it is doing; the next request has a new one. */
  stop(problem = 'Stopped.'): void {
    this.#worker?.terminate();
    this.#worker = undefined;
    this.#end({ problem });
  }

  #end(reply: Reply): void {
    const settle = this.#settle;
    this.#settle = undefined;
    settle?.(reply);
  }
}
