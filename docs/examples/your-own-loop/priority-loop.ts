// The scheduler of a game. The engine calls frame() for every picture; what is more urgent runs first in it.
import type { EventLoop, ExceptionContext, Runnable } from '@aiokit/loop-core';
import { getLogger, realm } from '@aiokit/loop-core';
import { Call, type Callback, checkTime } from './call.js';

export class PriorityLoop implements EventLoop {
  #now = 0;
  #ready: { runnable: Runnable; priority: number }[] = [];
  #timers: Call[] = [];
  #priorities = new WeakMap<object, number>();

  /** What is enqueued with this order, or is this very runnable, has another priority than 0. */
  prioritize(order: object, priority: number): void {
    this.#priorities.set(order, priority);
  }

  enqueue(runnable: Runnable, order: object = runnable): void {
    this.#ready.push({ runnable, priority: this.#priorities.get(order) ?? 0 });
  }

  callSoon<A extends unknown[]>(callback: Callback<A>, ...args: A): Call {
    const call = new Call(callback, args, this.#now);
    this.enqueue(call);
    return call;
  }

  callLater<A extends unknown[]>(delayMs: number, callback: Callback<A>, ...args: A): Call {
    checkTime('delayMs', delayMs);
    return this.callAt(this.#now + delayMs, callback, ...args);
  }

  callAt<A extends unknown[]>(when: number, callback: Callback<A>, ...args: A): Call {
    checkTime('when', when);
    const timer = new Call(callback, args, when);
    this.#timers = [...this.#timers, timer].sort((one, other) => one.when() - other.when());
    return timer;
  }

  time(): number {
    return this.#now;
  }

  callExceptionHandler({ message, exception }: ExceptionContext): void {
    getLogger().error(message, exception);
  }

  /** One iteration: the timers that are due join what is ready, and exactly that runs. */
  frame(now: number): void {
    this.#now = now;
    for (const timer of this.#timers) if (timer.when() <= now) this.enqueue(timer);
    this.#timers = this.#timers.filter((timer) => timer.when() > now);
    const batch = this.#ready.sort((one, other) => other.priority - one.priority);
    this.#ready = [];
    const { running } = realm;
    realm.running = this;
    for (const { runnable } of batch) {
      try {
        runnable.run();
      } catch (exception) {
        this.callExceptionHandler({ message: 'Exception in callback', exception });
      }
    }
    realm.running = running;
  }

  /** When the next frame has something to do; Infinity if none has. */
  next(): number {
    if (this.#ready.length > 0) return this.#now;
    const timer = this.#timers.find((timer) => !timer.cancelled());
    return Math.max(this.#now, timer?.when() ?? Infinity);
  }
}
