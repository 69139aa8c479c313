/** The awaitable waits of one thread in one line. They are granted in the order in which they came, here as there. */
import type { Operation } from '@aiokit/loop-core';
import { type Waiter, type WaitOptions, type WaitOwner, WaitQueue } from '@aiokit/loop-core/wait-queue';
import type { Connection, Listener } from './connection.js';
import { BROKEN, BUSY, DONE, FAILED, GRANTED, IDLE, SHUT, WAITING } from './layout.js';

/** What a line does for its primitive. */
export interface LineOwner<T> {
  /** Takes what the turn of a node is for. The node is used further, or dropped. */
  deliver(node: number, value: unknown): T;
  /** Ends the wait of a node; -1 if the guard is busy. */
  withdraw(node: number): number;
  /** Why a wait that the others ended has ended. */
  reason(state: number): unknown;
  toString(): string;
}

export class SharedLine<T> implements WaitOwner<T>, Listener {
  readonly #connection: Connection;
  readonly #owner: LineOwner<T>;
  readonly #queue: WaitQueue<T> = new WaitQueue<T>(this);
  /** Who has met a busy guard, or came behind one who has, and has not begun. */
  readonly #late = new Set<Waiter<T>>();
  #endHold: (() => void) | undefined;

  constructor(connection: Connection, owner: LineOwner<T>) {
    this.#connection = connection;
    this.#owner = owner;
  }

  /** Whether a newcomer may not try at once: others of this thread have come before, and have not taken their turn. */
  get behind(): boolean {
    return this.#queue.size > 0 || this.#connection.behind;
  }

  /**
   * Waits with a node.
   *
   * @param options limits, checked
   * @param node who is to stand in the shared line
   * @param begin joins that line
   * @param value given to `deliver`
   */
  wait(options: WaitOptions | undefined, node: number, begin: () => number, value?: unknown): Operation<T> {
    const connection = this.#connection;
    let waiter: Waiter<T>;
    try {
      waiter = this.#queue.join(options, node, value);
    } catch (error) {
      connection.drop(node);
      throw error;
    }
    if (!waiter.live()) {
      connection.drop(node);
      return waiter;
    }
    // Here they are granted in the order of coming, so that the shared line must have them in the same.
    if (connection.behind || !this.#begun(node, begin())) {
      this.#late.add(waiter);
      connection.later(() => {
        if (waiter.live() && !this.#begun(node, begin())) return false;
        this.#late.delete(waiter);
        return true;
      });
    }
    this.#endHold ??= waiter.getLoop().hold?.(this);
    if (this.poll()) connection.listen(this);
    return waiter;
  }

  /** Gives the first who waits its turn here, whatever the shared line says; it withdraws from that when it delivers. */
  serve(give: (node: number, value: unknown) => void): boolean {
    const { first } = this.#queue;
    if (!first) return false;
    give(first.weight, first.value);
    this.#queue.grant();
    if (this.#queue.live === 0 && !this.poll()) this.#connection.unlisten(this);
    return true;
  }

  /** Writes into the node what its beginning has come to, if it waits for nothing. */
  #begun(node: number, outcome: number): boolean {
    const { m } = this.#connection;
    if (outcome === BUSY) return false;
    if (outcome === DONE && Atomics.load(m, node) === IDLE) Atomics.store(m, node, GRANTED);
    if (outcome === FAILED) Atomics.store(m, node, BROKEN);
    return true;
  }

  poll(): boolean {
    const queue = this.#queue;
    for (let waiter = queue.first; waiter; waiter = queue.first) {
      const state = Atomics.load(this.#connection.m, waiter.weight);
      if (state === IDLE || state === WAITING || this.#late.has(waiter)) return true;
      if (state === BROKEN || state === SHUT) waiter.abort(this.#owner.reason(state));
      else queue.grant();
    }
    this.#endHold?.();
    this.#endHold = undefined;
    return false;
  }

  close(reason: Error): void {
    for (let waiter = this.#queue.first; waiter; waiter = this.#queue.first) waiter.abort(reason);
  }

  deliver({ weight, value }: Waiter<T>): T {
    this.#connection.check();
    return this.#owner.deliver(weight, value);
  }

  passed(waiter: Waiter<T>): void {
    this.left(waiter);
  }

  left({ weight: node }: Waiter<T>): void {
    const connection = this.#connection;
    const withdraw = (): boolean => {
      if (this.#owner.withdraw(node) < 0) return false;
      connection.drop(node);
      return true;
    };
    if (!connection.closed && !withdraw()) connection.later(withdraw);
    if (this.#queue.live === 0 && !this.poll()) connection.unlisten(this);
  }

  toString(): string {
    return this.#owner.toString();
  }
}
