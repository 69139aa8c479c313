/**
 * Many readers or one writer. No CPython counterpart. Phase-fair: readers and writers take turns, so that neither starves.
 * While a writer waits, readers who come wait too; when a writer has finished, all readers who wait by then are let in,
 * wherever the writers stand; when those have finished, the next writer is.
 *
 * Who has the turn counts as being in. Invariant: `writing`, or any number of readers, of whom one may be upgradable;
 * nobody waits who could be in.
 */
import {
  completed,
  type CompletedOwner,
  currentLoop,
  type Operation,
  realm,
  RuntimeError,
  sameLoop,
} from '@aiokit/loop-core';
import {
  checkWait,
  longestWait,
  type WaitOptions,
  type WaitOwner,
  WaitQueue,
} from '@aiokit/loop-core/wait-queue';
import { Governor, type Statistics } from './governor.js';
import { giveBack } from './internal/give-back.js';
import { INSPECT, repr } from './internal/repr.js';
import { Permit, type PermitOwner } from './permit.js';

/** A permit to write. */
export class WritePermit extends Permit {
  readonly #read: () => Permit;

  /**
   * @param owner the lock
   * @param read lets the caller in as a reader
   */
  constructor(owner: PermitOwner, read: () => Permit) {
    super(owner);
    this.#read = read;
  }

  /**
   * Ends it, and goes on as a reader: no writer comes in between.
   *
   * @returns a permit to read
   * @throws RuntimeError (`NOT_ACQUIRED`) if it has ended already; nothing has changed
   * @ordering readers who wait are let in, in the order in which they came
   * @complexity O(readers who wait)
   * @source RW-4 · no CPython counterpart
   */
  downgrade(): Permit {
    if (!this.live) throw new RuntimeError('the permit has ended', { code: 'NOT_ACQUIRED' });
    const permit = this.#read();
    this.release();
    return permit;
  }
}

/** A permit to read that can become one to write. */
export class UpgradablePermit extends Permit {
  readonly #upgrade: (options: WaitOptions | undefined) => Operation<WritePermit>;

  /**
   * @param owner the lock
   * @param upgrade waits to write
   */
  constructor(owner: PermitOwner, upgrade: (options: WaitOptions | undefined) => Operation<WritePermit>) {
    super(owner);
    this.#upgrade = upgrade;
  }

  /**
   * Waits until the other readers have left, then writes: nobody has written in between.
   *
   * @param options `signal` and `timeoutMs` end the wait; with `timeoutMs: 0` it tries once
   * @returns a permit to write; when that ends, the caller is a reader still, until this permit ends
   * @throws RuntimeError (`NOT_ACQUIRED`) if this permit has ended; (`UPGRADING`) if it is upgraded already, or waits to be
   * @throws CancelledError (`CANCELLED`); the signal's reason; TimeoutError (`TIMEOUT`). The caller is a reader still.
   * @ordering before all writers who wait; readers who come wait until it has written
   * @cancellation the caller stays a reader, and others are let in as if it had not asked
   * @complexity O(1)
   * @source RW-5 · no CPython counterpart
   */
  upgrade(options?: WaitOptions): Operation<WritePermit> {
    checkWait(options);
    if (!this.live) throw new RuntimeError('the permit has ended', { code: 'NOT_ACQUIRED' });
    return this.#upgrade(options);
  }
}

/** How one kind of permit gets in and out. */
interface Rules<P> {
  /** Whether somebody who comes now is let in. */
  free(): boolean;
  /** Somebody is in, or has the turn. */
  enter(): void;
  /** That is over. */
  leave(): void;
  permit(owner: PermitOwner): P;
}

/** One of the ways in. */
class Side<P extends Permit> extends Governor<P> {
  readonly queue = new WaitQueue<P>(this as unknown as WaitOwner<P>);
  /** The lock that it is a way into: whoever holds it by another way may be waited for. */
  readonly lock: RWLock;
  readonly #rules: Rules<P>;
  readonly #turn: (wrote: boolean) => void;
  readonly #checkLoop: () => void;
  readonly #writes: boolean;

  constructor(
    lock: RWLock,
    rules: Rules<P>,
    turn: (wrote: boolean) => void,
    checkLoop: () => void,
    writes: boolean,
  ) {
    super();
    this.lock = lock;
    this.#rules = rules;
    this.#turn = turn;
    this.#checkLoop = checkLoop;
    this.#writes = writes;
  }

  acquire(options?: WaitOptions): Operation<P> {
    checkWait(options);
    if (options?.signal?.aborted) return this.queue.join(options);
    const permit = this.tryAcquire();
    if (options && permit) realm.hooks?.limited?.(permit, options, true);
    if (permit) return completed(permit, giveBack as CompletedOwner<P>);
    this.#checkLoop();
    return this.queue.join(options);
  }

  tryAcquire(): P | null {
    if (!this.#rules.free()) return null;
    this.#rules.enter();
    return this.#permit();
  }

  /** Gives the turn to the first who waits. */
  grant(): boolean {
    if (!this.queue.first) return false;
    this.#rules.enter();
    this.queue.grant();
    return true;
  }

  override toString(): string {
    return String(this.lock);
  }

  protected ended(): void {
    this.#rules.leave();
    this.#turn(this.#writes);
  }

  protected deliver(): P {
    return this.#permit();
  }

  protected passed(): void {
    this.#rules.leave();
    this.#turn(false);
  }

  protected left(): void {
    this.#turn(false);
  }

  #permit(): P {
    return this.#rules.permit(this as unknown as PermitOwner);
  }
}

/**
 * Lets in any number of readers, or one writer.
 *
 * Use it where reading takes long and is frequent; for short sections a `Lock` is cheaper. A reader who asks to write while
 * it reads waits for itself: take `upgradable`.
 *
 * @example
 * const lock = new RWLock();
 * await lock.read.with(async () => show(await load()));
 * await lock.write.with(async () => save(await change()));
 * @source RW · no CPython counterpart
 */
export class RWLock {
  /** Permits to read, of which any number are live at a time. */
  readonly read: Governor;
  /** Permits to write, of which one is live at a time, and none to read. */
  readonly write: Governor<WritePermit>;
  /** Permits to read that can be upgraded, of which one is live at a time. */
  readonly upgradable: Governor<UpgradablePermit>;
  readonly #sides: { read: Side<Permit>; write: Side<WritePermit>; upgradable: Side<UpgradablePermit> };
  readonly #upgrade: Side<WritePermit>;
  /** Those who are in to read, the upgradable one among them, or have the turn to. */
  #readers = 0;
  #upgradable = false;
  /** Whether somebody is in to write, or has the turn to. */
  #writing = false;
  /** What the upgradable reader has asked for, and got. */
  #asked: Operation<WritePermit> | undefined;
  #upgraded: WritePermit | undefined;

  constructor() {
    const enter = () => void this.#readers++;
    const leave = () => void this.#readers--;
    const write = {
      enter: () => void (this.#writing = true),
      leave: () => void (this.#writing = false),
    };
    const lowered = () => {
      enter();
      return new Permit(read as unknown as PermitOwner);
    };
    const side = <P extends Permit>(rules: Rules<P>, writes = false): Side<P> =>
      new Side(this, rules, this.#turn, this.#checkLoop, writes);
    const read = side<Permit>({
      free: () => this.#open(),
      enter,
      leave,
      permit: (owner) => new Permit(owner),
    });
    this.#sides = {
      read,
      write: side<WritePermit>(
        {
          ...write,
          free: () => !this.#writing && this.#readers === 0 && this.#sides.write.queue.live === 0,
          permit: (owner) => new WritePermit(owner, lowered),
        },
        true,
      ),
      upgradable: side<UpgradablePermit>({
        free: () => this.#open() && !this.#upgradable && this.#sides.upgradable.queue.live === 0,
        enter: () => {
          enter();
          this.#upgradable = true;
        },
        leave: () => {
          this.#asked?.abandon();
          this.#upgraded?.release();
          this.#asked = this.#upgraded = undefined;
          leave();
          this.#upgradable = false;
        },
        permit: (owner) => new UpgradablePermit(owner, (options) => this.#ask(options)),
      }),
    };
    this.#upgrade = side<WritePermit>(
      {
        ...write,
        free: () => !this.#writing && this.#readers === 1,
        permit: (owner) => {
          this.#upgraded = new WritePermit(owner, lowered);
          return this.#upgraded;
        },
      },
      true,
    );
    ({ read: this.read, write: this.write, upgradable: this.upgradable } = this.#sides);
  }

  /** Holders and waiters now. */
  statistics(): Statistics & { readonly readers: number; readonly writing: boolean } {
    const queues = this.#queues();
    const waits = queues.map((queue) => longestWait(queue));
    return {
      holders: this.#readers + (this.#writing ? 1 : 0),
      readers: this.#readers,
      writing: this.#writing,
      waiting: queues.reduce((sum, { live }) => sum + live, 0),
      longestWaitMs: waits.includes(undefined) ? undefined : Math.max(...(waits as number[])),
    };
  }

  /** The lock as `util.inspect` shows it. */
  toString(): string {
    const size = this.#queues().reduce((sum, queue) => sum + queue.size, 0);
    const state = this.#writing ? 'writing' : this.#readers > 0 ? `readers=${this.#readers}` : 'unlocked';
    return repr(this, state, { size });
  }

  [INSPECT](): string {
    return this.toString();
  }

  #queues(): WaitQueue<never>[] {
    const { read, write, upgradable } = this.#sides;
    return [read.queue, write.queue, upgradable.queue, this.#upgrade.queue] as unknown as WaitQueue<never>[];
  }

  /** Whether a reader who comes now is let in. */
  #open(): boolean {
    return !this.#writing && this.#sides.write.queue.live === 0 && this.#upgrade.queue.live === 0;
  }

  #ask(options: WaitOptions | undefined): Operation<WritePermit> {
    if (this.#writing || this.#upgrade.queue.live > 0)
      throw new RuntimeError('the permit is upgraded, or waits to be', { code: 'UPGRADING' });
    this.#asked = this.#upgrade.acquire(options);
    return this.#asked;
  }

  /** Somebody has left: lets in who can be. After a writer it is the readers' turn. */
  readonly #turn = (wrote: boolean): void => {
    const { read, write, upgradable } = this.#sides;
    if (this.#writing) return;
    if (this.#upgrade.queue.live > 0) {
      if (this.#readers === 1) this.#upgrade.grant();
      return;
    }
    if (wrote || write.queue.live === 0) {
      while (read.grant());
      if (!this.#upgradable) upgradable.grant();
    }
    if (this.#readers === 0) write.grant();
  };

  readonly #checkLoop = (): void => {
    for (const { first } of this.#queues()) {
      if (!first || sameLoop(first.getLoop(), currentLoop())) continue;
      const closed = (first.getLoop() as { isClosed?(): boolean }).isClosed?.();
      if (!closed)
        throw new RuntimeError(`${String(this)} is bound to a different event loop`, { code: 'OTHER_LOOP' });
    }
  };
}
