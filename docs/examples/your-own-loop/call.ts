// What callSoon, callLater and callAt return, and the checks of what they are given.
import type { Runnable, TimerHandle } from '@aiokit/loop-core';
import { asyncContext } from '@aiokit/loop-core';

export type Callback<A extends unknown[]> = (...args: A) => void;

export class Call implements TimerHandle, Runnable {
  #callback: (() => void) | undefined;
  #when: number;

  constructor(callback: Callback<never>, args: unknown[], when: number) {
    if (typeof callback !== 'function') throw new TypeError(`callback is no function: ${String(callback)}`);
    const run = () => callback(...(args as never));
    const context = asyncContext.capture();
    this.#callback = context ? () => void context.runInAsyncScope(run) : run;
    this.#when = when;
  }
  when = () => this.#when;
  cancelled = () => this.#callback === undefined;
  cancel = () => void (this.#callback = undefined);
  run = () => this.#callback?.();
}

export function checkTime(name: string, value: number): void {
  if (typeof value !== 'number') throw new TypeError(`${name} is no number: ${String(value)}`);
  if (!Number.isFinite(value)) throw new RangeError(`${name} is not finite: ${value}`);
}
