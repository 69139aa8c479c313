/** A thread's connection to a memory: its bell, its nodes, and what of its waits is pending. */
import { RuntimeError } from '@aiokit/loop-core';
import type { Thread } from './guard.js';
import { BELL, BUSY, HOP, ID, slotAt } from './layout.js';
import { nodesOf } from './line.js';

declare const setTimeout: (callback: () => void, delayMs: number) => unknown;
declare const setInterval: (callback: () => void, delayMs: number) => unknown;
declare const clearInterval: (timer: unknown) => void;
declare const performance: { now(): number };
declare const BroadcastChannel: new (
  name: string,
) => { postMessage(message: unknown): void; onmessage: unknown; close(): void; unref?(): void };

interface WaitAsync {
  waitAsync?(
    m: Int32Array,
    at: number,
    value: number,
  ): { readonly async: boolean; readonly value: PromiseLike<unknown> };
}

/** Something with waits that a ring of the bell may end. */
export interface Listener {
  /** Looks which have ended; false if none is left. */
  poll(): boolean;
  /** The thread has disconnected: ends all waits. */
  close?(reason: Error): void;
}

/** Why nothing can be done over a connection that has ended. */
const disconnected = (): Error =>
  new RuntimeError('this thread has disconnected from the memory', { code: 'DISCONNECTED' });

/** How often a guard is looked at before the thread does something else, or sleeps. */
const SPINS = 2000;
const PATIENCE_MS = 1000;
const LOOKS = 8;

const atomics = Atomics as WaitAsync;
const host = globalThis as { setImmediate?: (callback: () => void) => unknown };
const SPINS_BEFORE_SLEEP = 200;

export class Connection implements Thread {
  readonly m: Int32Array;
  readonly slot: number;
  readonly me: number;
  canBlock: boolean;
  patience = 0;
  /** Whether it has ended: its slot and its nodes may be another's. */
  closed = false;
  readonly #free: number[];
  readonly #listeners = new Set<Listener>();
  readonly #late: (() => boolean)[] = [];
  /** Whether the bell is listened to. It cannot be taken back, so that there is one at most. */
  #armed = false;
  /** How often it is looked at before, after it has rung. */
  #looks = 0;
  #keepsAlive: unknown;
  #channel: InstanceType<typeof BroadcastChannel> | undefined;

  constructor(m: Int32Array, slot: number, canBlock: boolean) {
    this.m = m;
    this.slot = slot;
    this.me = (slot + 1) << 1;
    this.canBlock = canBlock;
    this.#free = nodesOf(m, slot).reverse();
    if (!atomics.waitAsync) {
      this.#listen();
      Atomics.store(m, slotAt(slot) + HOP, 1);
    }
  }

  get spins(): number {
    return this.canBlock ? SPINS_BEFORE_SLEEP : SPINS;
  }

  /** How many waits and permits this thread has at a time. */
  get used(): number {
    return nodesOf(this.m, this.slot).length - this.#free.length;
  }

  /** @throws RuntimeError (`DISCONNECTED`) once it has ended */
  check(): void {
    if (this.closed) throw disconnected();
  }

  /** Ends it: whatever waits is told, and what was put off is dropped. */
  close(): void {
    this.closed = true;
    this.#late.length = 0;
    for (const listener of this.#listeners) {
      listener.close?.(disconnected());
      this.unlisten(listener);
    }
    this.#channel?.close();
    this.#channel = undefined;
  }

  /** Takes a node. */
  node(): number {
    this.check();
    const node = this.#free.pop();
    if (node === undefined) {
      throw new RuntimeError('this thread has as many waits and permits in the memory as its `waits` allow', {
        code: 'TOO_MANY_WAITS',
      });
    }
    return node;
  }

  /** Gives one back that is idle. */
  drop(node: number): void {
    this.#free.push(node);
  }

  /** Whether something is put off, behind which all that this thread does comes. */
  get behind(): boolean {
    this.check();
    return this.#late.length > 0;
  }

  later(work: () => boolean): void {
    if (this.#late.push(work) === 1) setTimeout(this.#retry, 0);
  }

  /** Does later what the rest may need: a burial, which frees the guards that they wait for. */
  first(work: () => boolean): void {
    if (this.#late.unshift(work) === 1) setTimeout(this.#retry, 0);
  }

  /** Does what was put off in order, as far as it goes. */
  #catchUp(): void {
    while (this.#late.length > 0 && this.#late[0]?.()) this.#late.shift();
  }

  readonly #retry = (): void => {
    this.#catchUp();
    if (this.#late.length > 0) setTimeout(this.#retry, 1);
    if (this.#listeners.size > 0) this.#rung();
  };

  /** Does what must be done now: a guard is held for less than the time allowed, but by a thread that has died. */
  now(work: () => number): number {
    const outcome = this.behind ? BUSY : work();
    if (outcome !== BUSY) return outcome;
    this.patience = performance.now() + PATIENCE_MS;
    try {
      this.#catchUp();
      return work();
    } finally {
      this.patience = 0;
    }
  }

  /** Polls a listener whenever the bell rings, and keeps the process alive, until nothing of it is pending. */
  listen(listener: Listener): void {
    this.#listeners.add(listener);
    this.#keepsAlive ??= setInterval(() => {}, 2 ** 30);
    if (!this.#armed) this.#rung();
  }

  /** Nothing of a listener is pending any more. */
  unlisten(listener: Listener): void {
    this.#listeners.delete(listener);
    if (this.#listeners.size > 0 || this.#keepsAlive === undefined) return;
    clearInterval(this.#keepsAlive);
    this.#keepsAlive = undefined;
  }

  readonly #rung = (): void => {
    const bell = slotAt(this.slot) + BELL;
    for (;;) {
      const seen = Atomics.load(this.m, bell);
      for (const listener of this.#listeners) if (!listener.poll()) this.unlisten(listener);
      const { size } = this.#listeners;
      if (size === 0 || this.#armed || !atomics.waitAsync) return;
      if (this.#looks > 0 && host.setImmediate) {
        // Who rings while nobody listens saves a call into the host, which is most of what an item costs.
        this.#looks--;
        this.#armed = true;
        host.setImmediate(this.#heard);
        return;
      }
      const wait = atomics.waitAsync(this.m, bell, seen);
      if (wait.async) {
        this.#armed = true;
        void wait.value.then(this.#woken);
        return;
      }
    }
  };

  readonly #heard = (): void => {
    this.#armed = false;
    this.#rung();
  };

  readonly #woken = (): void => {
    this.#looks = LOOKS;
    this.#heard();
  };

  hop(slot: number): void {
    // A channel does not hear itself.
    if (slot === this.slot) void Promise.resolve().then(this.#rung);
    else this.#listen().postMessage(slot);
  }

  #listen(): InstanceType<typeof BroadcastChannel> {
    if (this.#channel) return this.#channel;
    const channel = new BroadcastChannel(`aiokit:${this.m[ID]}:${this.m[ID + 1]}`);
    channel.unref?.();
    channel.onmessage = ({ data }: { data: unknown }) => {
      if (data === this.slot) this.#rung();
    };
    return (this.#channel = channel);
  }
}
