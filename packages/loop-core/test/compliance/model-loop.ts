/** A loop in virtual time that does the least, in parts small enough to be broken one by one. */
import {
  type EventLoop,
  type ExceptionContext,
  realm,
  type Runnable,
  type TimerHandle,
} from '@aiokit/loop-core';

export class ModelHandle implements TimerHandle, Runnable {
  readonly order: number;
  readonly deadline: number;
  readonly callback: () => void;
  dropped = false;

  constructor(order: number, deadline: number, callback: () => void) {
    this.order = order;
    this.deadline = deadline;
    this.callback = callback;
  }

  when(): number {
    return this.deadline;
  }

  cancelled(): boolean {
    return this.dropped;
  }

  cancel(): void {
    this.dropped = true;
  }

  run(): void {
    if (!this.dropped) this.callback();
  }
}

function refuse(name: string, value: unknown): never {
  const type = name !== 'callback' && typeof value === 'number' ? RangeError : TypeError;
  throw new type(`${name} is ${String(value)}`);
}

export class ModelLoop implements EventLoop {
  protected now = 1000;
  protected ready: Runnable[] = [];
  protected timers: ModelHandle[] = [];
  #made = 0;

  time(): number {
    return this.now;
  }

  enqueue(runnable: Runnable, _order?: object): void {
    this.ready.push(runnable);
  }

  callSoon<A extends unknown[]>(callback: (...args: A) => void, ...args: A): ModelHandle {
    const handle = this.make(this.now, callback, args);
    this.ready.push(handle);
    return handle;
  }

  callLater<A extends unknown[]>(delayMs: number, callback: (...args: A) => void, ...args: A): ModelHandle {
    if (!this.isInstant(delayMs)) refuse('delayMs', delayMs);
    return this.callAt(this.now + delayMs, callback, ...args);
  }

  callAt<A extends unknown[]>(when: number, callback: (...args: A) => void, ...args: A): ModelHandle {
    if (!this.isInstant(when)) refuse('when', when);
    const timer = this.make(when, callback, args);
    this.timers.push(timer);
    return timer;
  }

  callExceptionHandler(context: ExceptionContext): void {
    realm.logger?.error(context.message, context.exception);
  }

  /** Runs until nothing is left. */
  run(): void {
    const { running } = realm;
    realm.running = this;
    while (this.advance()) this.iterate();
    realm.running = running;
  }

  protected isInstant(value: unknown): boolean {
    return Number.isFinite(value);
  }

  protected isCallback(value: unknown): boolean {
    return typeof value === 'function';
  }

  protected make<A extends unknown[]>(when: number, callback: (...args: A) => void, args: A): ModelHandle {
    if (!this.isCallback(callback)) refuse('callback', callback);
    return new ModelHandle(this.#made++, when, () => callback(...args));
  }

  /** Makes the clock jump if nothing is ready. False if nothing is left. */
  protected advance(): boolean {
    this.timers = this.pending();
    if (this.ready.length > 0) return true;
    const next = Math.min(...this.timers.map(({ deadline }) => deadline));
    if (next > this.now && next < Infinity) this.jump(next);
    return next < Infinity;
  }

  protected jump(next: number): void {
    this.now = next;
  }

  protected pending(): ModelHandle[] {
    return this.timers.filter((timer) => !timer.dropped);
  }

  protected isDue({ deadline }: ModelHandle): boolean {
    return deadline <= this.now;
  }

  protected compare(one: ModelHandle, other: ModelHandle): number {
    return one.deadline - other.deadline || one.order - other.order;
  }

  protected takeDue(): Runnable[] {
    const due = this.timers.filter((timer) => this.isDue(timer));
    this.timers = this.timers.filter((timer) => !due.includes(timer));
    return due.sort((one, other) => this.compare(one, other));
  }

  protected takeReady(): Runnable[] {
    return this.ready.splice(0);
  }

  protected iterate(): void {
    for (const item of [...this.takeReady(), ...this.takeDue()]) this.step(item);
  }

  protected step(item: Runnable): void {
    try {
      item.run();
    } catch (exception) {
      this.report(exception);
    }
  }

  protected report(exception: unknown): void {
    this.callExceptionHandler({ message: 'Exception in callback', exception });
  }
}
