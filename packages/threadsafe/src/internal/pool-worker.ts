/**
 * One worker of a pool: which works it has been given, in order, and which of them can be had back.
 *
 * Where memory is shared each work has a word, and whoever moves it away from `QUEUED` first has the work: the worker
 * begins it, or the pool takes it back. So a worker may be given works ahead, and none of them waits behind a long one
 * while another worker is idle. Where it is not, a worker has one work at a time.
 */
import { type ConcurrentFuture } from '../concurrent-future.js';
import type { SubmitOptions, Work } from '../executor.js';
import { uncloneable } from './messages.js';
import {
  type Boot,
  CANCEL_WORK,
  type Cancellation,
  CANCELLING,
  type Definition,
  GAVE_FALSE,
  GAVE_NUMBER,
  GAVE_TRUE,
  GAVE_NULL,
  GAVE_UNDEFINED,
  LOOK,
  QUEUED,
  RUNNING,
  TAKEN,
  TOLD,
  WINDOW,
  type WorkItem,
  WorkMemory,
} from './work-messages.js';
import type { WorkerHandle } from './worker-handle.js';

/** A work that was submitted and has no outcome yet. */
export interface Entry {
  readonly work: Work<unknown>;
  readonly options: SubmitOptions;
  readonly future: ConcurrentFuture<unknown>;
  readonly calledAt: Error | undefined;
  readonly stores: Readonly<Record<string, unknown>> | undefined;
  leave: (() => void) | undefined;
  /** Where it is, once a worker has been given it. */
  worker: PoolWorker | undefined;
  seq: number;
  /** Whether its end was asked for, and why. */
  ending:
    | { readonly message: string | undefined; readonly aborted: boolean; readonly reason: unknown }
    | undefined;
  grace: unknown;
}

const VALUES: Readonly<Record<number, unknown>> = {
  [GAVE_UNDEFINED]: undefined,
  [GAVE_NULL]: null,
  [GAVE_TRUE]: true,
  [GAVE_FALSE]: false,
};

/** So many works a worker is given ahead. */
const AHEAD = 48;

export class PoolWorker {
  readonly handle: WorkerHandle;
  /** What it has been given, by number. */
  readonly entries: Map<number, Entry> = new Map();
  ready = false;
  /** Whether it was told to end. */
  leaving = false;
  idleTimer: unknown;
  readonly #memory: WorkMemory | undefined;
  readonly #words: Int32Array | undefined;
  readonly #known: Map<string, Map<string, number>> = new Map();
  readonly #refused: (entry: Entry, error: unknown) => void;
  #functions = 0;
  #last = 0;
  /** The last work that it has answered, and with it all before. */
  #answered = 0;
  #outbox: (WorkItem | Definition | Cancellation)[] = [];
  #sent: Entry[] = [];

  constructor(
    handle: WorkerHandle,
    boot: Omit<Boot, 'memory' | 'lock'>,
    refused: (entry: Entry, error: unknown) => void,
  ) {
    this.handle = handle;
    this.#refused = refused;
    this.#memory = handle.shares ? new WorkMemory() : undefined;
    this.#words = this.#memory?.words;
    handle.post({ ...boot, memory: this.#memory?.buffer, lock: handle.lock });
  }

  /** Whether it can be given one more. What is transferred cannot be taken back, so it is not given ahead. */
  takes(entry: Entry): boolean {
    const { size } = this.entries;
    if (this.leaving || (this.#words && this.#last - this.#answered >= WINDOW - 1)) return false;
    if (size === 0) return true;
    return this.ready && !!this.#words && size < AHEAD && !entry.options.transfer?.length;
  }

  /** Whether it has yet to say that it has passed over what was taken back: their words are in use until then. */
  get owes(): boolean {
    return !!this.#words && this.#last > this.#answered;
  }

  give(entry: Entry): void {
    const { module, name, args } = entry.work;
    const seq = ++this.#last;
    entry.worker = this;
    entry.seq = seq;
    this.entries.set(seq, entry);
    if (this.#words) Atomics.store(this.#words, seq % WINDOW, QUEUED);
    this.#post([seq, this.#numberOf(module, name), args, entry.stores], entry);
  }

  /** Takes a work back that has not begun; false if it has. */
  takeBack(entry: Entry): boolean {
    const slot = entry.seq % WINDOW;
    if (!this.#words || Atomics.compareExchange(this.#words, slot, QUEUED, TAKEN) !== QUEUED) return false;
    this.entries.delete(entry.seq);
    entry.worker = undefined;
    return true;
  }

  /** Asks the work at hand to end. */
  cancel(entry: Entry, message: string | undefined): void {
    if (this.#words) Atomics.compareExchange(this.#words, entry.seq % WINDOW, RUNNING, CANCELLING);
    this.#post([CANCEL_WORK, entry.seq, message]);
  }

  /** Whether it has begun, as far as is known. */
  runs(entry: Entry): boolean {
    return this.#words ? Atomics.load(this.#words, entry.seq % WINDOW) !== QUEUED : this.ready;
  }

  /** Tells of the results that are in the memory. It answers in order, so it is enough to look until one is not over. */
  look(tell: (entry: Entry, value: unknown) => void): void {
    if (!this.#memory) return;
    const { words, numbers } = this.#memory;
    Atomics.store(words, LOOK, 0);
    for (const [seq, entry] of this.entries) {
      const slot = seq % WINDOW;
      const state = Atomics.load(words, slot);
      if (state < TOLD) break;
      if (state === TOLD) continue;
      this.answered(seq);
      tell(entry, state === GAVE_NUMBER ? numbers[slot] : VALUES[state]);
    }
  }

  /** Takes note of an answer, and gives its work. */
  answered(seq: number): Entry | undefined {
    this.#answered = Math.max(this.#answered, seq);
    const entry = this.entries.get(seq);
    this.entries.delete(seq);
    return entry;
  }

  #numberOf(module: string, name: string): number {
    let names = this.#known.get(module);
    if (!names) this.#known.set(module, (names = new Map()));
    let at = names.get(name);
    if (at === undefined) {
      at = this.#functions++;
      names.set(name, at);
      this.#outbox.push([at, module, name]);
    }
    return at;
  }

  #post(part: WorkItem | Cancellation, entry?: Entry): void {
    if (this.#sent.length === 0 && entry) this.#sent = [entry];
    else if (entry) this.#sent.push(entry);
    this.#outbox.push(part);
    if (this.#flushing) return;
    this.#flushing = true;
    void settled.then(this.#flush);
  }

  #flushing = false;

  /** What was given in one turn goes in one message. */
  readonly #flush = (): void => {
    let parts = this.#outbox;
    const sent = this.#sent.filter(({ worker }) => worker === this);
    // What was taken back meanwhile neither is copied nor moves.
    if (sent.length < this.#sent.length)
      parts = parts.map((part) => (this.#isGone(part) ? gap(part[0]) : part));
    this.#flushing = false;
    this.#outbox = [];
    this.#sent = [];
    const transfer = sent.flatMap(({ options }) => options.transfer ?? []);
    try {
      this.handle.post(parts, transfer);
    } catch (error) {
      if (parts.length === 1 && sent[0]) this.#refuse(sent[0], error);
      else for (const part of parts) this.#postAlone(part, sent);
    }
  };

  #isGone([seq, at]: WorkItem | Definition | Cancellation): boolean {
    return seq !== CANCEL_WORK && typeof at === 'number' && !this.entries.has(seq);
  }

  #postAlone(part: WorkItem | Definition | Cancellation, sent: readonly Entry[]): void {
    const entry = typeof part[1] === 'string' ? undefined : sent.find(({ seq }) => seq === part[0]);
    try {
      this.handle.post([part], entry?.options.transfer);
    } catch (error) {
      if (entry) this.#refuse(entry, error);
    }
  }

  #refuse(entry: Entry, error: unknown): void {
    const { seq } = entry;
    this.entries.delete(seq);
    if (this.#words) {
      // Its word is free again once the worker has passed it over.
      Atomics.store(this.#words, seq % WINDOW, TAKEN);
      this.handle.post([gap(seq)]);
    }
    this.#refused(entry, uncloneable(`the arguments of '${entry.work.name}'`, error));
  }
}

/** In place of a work whose word says that it was taken back. */
const gap = (seq: number): WorkItem => [seq, 0, [], undefined];

const settled = /* @__PURE__ */ Promise.resolve();
