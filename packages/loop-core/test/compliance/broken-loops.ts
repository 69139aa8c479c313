/** Loops that are each broken in one place, and the clause that must find it. */
import { AsyncResource } from 'node:async_hooks';
import {
  type Awaitable,
  type EventLoop,
  type ExceptionContext,
  type ExceptionHandler,
  getLogger,
  type Handle,
  HostLoop,
  isErrorKind,
  realm,
  type Runnable,
  type TimerHandle,
} from '@aiokit/loop-core';
import type { Subject } from '@aiokit/loop-core/compliance';
import { VirtualLoop } from '@aiokit/loop-core/virtual';
import { ModelHandle, ModelLoop } from './model-loop.js';
import { hostLoop, modelLoop, virtualLoop } from './subjects.js';

type Callback<A extends unknown[]> = (...args: A) => void;

class LastInFirstOut extends ModelLoop {
  protected override takeReady(): Runnable[] {
    return super.takeReady().reverse();
  }
}

class CallbacksBeforeRunnables extends ModelLoop {
  protected override takeReady(): Runnable[] {
    const isCallback = (item: Runnable) => item instanceof ModelHandle;
    const items = super.takeReady();
    return [...items.filter(isCallback), ...items.filter((item) => !isCallback(item))];
  }
}

class RunnableOnlyOnce extends ModelLoop {
  protected override takeReady(): Runnable[] {
    return [...new Set(super.takeReady())];
  }
}

class NoDelayCallsAtOnce extends ModelLoop {
  override callLater<A extends unknown[]>(delayMs: number, callback: Callback<A>, ...args: A): ModelHandle {
    const timer = super.callLater(delayMs, callback, ...args);
    if (delayMs === 0) {
      this.timers.pop();
      timer.run();
    }
    return timer;
  }
}

class OneArgumentMore extends ModelLoop {
  override callSoon<A extends unknown[]>(callback: Callback<A>, ...args: A): ModelHandle {
    return super.callSoon(callback, ...([...args, undefined] as never));
  }
}

class FullQueueDrops extends ModelLoop {
  override enqueue(runnable: Runnable): void {
    if (this.ready.length < 1024) super.enqueue(runnable);
  }
}

class EnqueueJumpsTheQueue extends ModelLoop {
  #rest: Runnable[] | undefined;

  override enqueue(runnable: Runnable): void {
    if (this.#rest) this.#rest.unshift(runnable);
    else super.enqueue(runnable);
  }

  protected override iterate(): void {
    this.#rest = [...this.takeReady(), ...this.takeDue()];
    for (let item = this.#rest.shift(); item; item = this.#rest.shift()) this.step(item);
    this.#rest = undefined;
  }
}

class NewCallbacksInTheSameIteration extends ModelLoop {
  protected override iterate(): void {
    for (let item = this.ready.shift(); item; item = this.ready.shift()) this.step(item);
    for (const timer of this.takeDue()) this.step(timer);
  }
}

class TimersFirst extends ModelLoop {
  protected override iterate(): void {
    for (const item of [...this.takeDue(), ...this.takeReady()]) this.step(item);
  }
}

class OneCallbackAnIteration extends ModelLoop {
  protected override iterate(): void {
    this.ready.push(...this.takeDue());
    this.step(this.ready.shift() as Runnable);
  }
}

class TimersOnlyWhenIdle extends ModelLoop {
  protected override takeDue(): Runnable[] {
    return this.ready.length > 0 ? [] : super.takeDue();
  }

  protected override iterate(): void {
    const items = this.takeReady();
    for (const item of items.length > 0 ? items : this.takeDue()) this.step(item);
  }
}

class EarlyByTheClocksResolution extends ModelLoop {
  protected override isDue({ deadline }: ModelHandle): boolean {
    return deadline < this.now + 1;
  }
}

class TimersInOrderOfCreation extends ModelLoop {
  protected override compare(one: ModelHandle, other: ModelHandle): number {
    return one.order - other.order;
  }
}

class TiesReversed extends ModelLoop {
  protected override compare(one: ModelHandle, other: ModelHandle): number {
    return one.deadline - other.deadline || other.order - one.order;
  }
}

class OneTimerADeadline extends ModelLoop {
  override callAt<A extends unknown[]>(when: number, callback: Callback<A>, ...args: A): ModelHandle {
    this.timers = this.timers.filter(({ deadline }) => deadline !== when);
    return super.callAt(when, callback, ...args);
  }
}

class RefusesNegativeDelays extends ModelLoop {
  override callLater<A extends unknown[]>(delayMs: number, callback: Callback<A>, ...args: A): ModelHandle {
    if (delayMs < 0) throw new RangeError(`delayMs is ${delayMs}`);
    return super.callLater(delayMs, callback, ...args);
  }
}

class TimersForgetArguments extends ModelLoop {
  override callAt<A extends unknown[]>(when: number, callback: Callback<A>, ..._args: A): ModelHandle {
    return super.callAt(when, callback, ...([] as unknown[] as A));
  }
}

class WhenIsTheDelay extends ModelLoop {
  override callLater<A extends unknown[]>(delayMs: number, callback: Callback<A>, ...args: A): ModelHandle {
    const timer = super.callLater(delayMs, callback, ...args);
    timer.when = () => delayMs;
    return timer;
  }
}

class FiresWhatWasCancelledLate extends ModelLoop {
  protected override takeDue(): Runnable[] {
    return (super.takeDue() as ModelHandle[]).map(({ callback }) => ({ run: callback }));
  }
}

class ThirtyTwoBitDelays extends ModelLoop {
  override callAt<A extends unknown[]>(when: number, callback: Callback<A>, ...args: A): ModelHandle {
    const tooLong = this.isInstant(when) && when - this.now >= 2 ** 31;
    return super.callAt(tooLong ? this.now + 1 : when, callback, ...args);
  }
}

class LosesTimersOfTimers extends ModelLoop {
  protected override takeDue(): Runnable[] {
    const due = super.takeDue();
    const kept = [...this.timers];
    const putBack = () => {
      this.timers = kept;
    };
    return due.length > 0 ? [...due, { run: putBack }] : due;
  }
}

class ClockOvershoots extends ModelLoop {
  protected override jump(next: number): void {
    super.jump(next + 0.25);
  }
}

class WaitsForCancelledTimers extends ModelLoop {
  protected override pending(): ModelHandle[] {
    return this.timers;
  }
}

class HandleOfAnotherCallback extends ModelLoop {
  override callSoon<A extends unknown[]>(callback: Callback<A>, ...args: A): ModelHandle {
    const handle = super.callSoon(callback, ...args);
    return args.length > 0 ? this.make(this.now, callback, args) : handle;
  }
}

class CancelledBeforeTheIterationOnly extends ModelLoop {
  protected override takeReady(): Runnable[] {
    const kept = super.takeReady().filter((item) => !(item as Partial<ModelHandle>).dropped);
    return kept.map((item) => (item instanceof ModelHandle ? { run: item.callback } : item));
  }
}

class CancelTakesTheLast extends ModelLoop {
  override callSoon<A extends unknown[]>(callback: Callback<A>, ...args: A): ModelHandle {
    const handle = super.callSoon(callback, ...args);
    handle.cancel = () => {
      handle.dropped = true;
      this.ready.splice(this.ready.indexOf(handle), 1);
    };
    return handle;
  }
}

class SecondCancelUndoes extends ModelLoop {
  override callSoon<A extends unknown[]>(callback: Callback<A>, ...args: A): ModelHandle {
    const handle = super.callSoon(callback, ...args);
    handle.cancel = () => {
      handle.dropped = !handle.dropped;
    };
    return handle;
  }
}

class CancelledMeansNotPending extends ModelLoop {
  protected override make<A extends unknown[]>(when: number, callback: Callback<A>, args: A): ModelHandle {
    let ran = false;
    const handle = super.make(when, callback, args);
    const run = handle.run.bind(handle);
    handle.run = () => {
      run();
      ran = true;
    };
    handle.cancelled = () => handle.dropped || ran;
    return handle;
  }
}

class ClockGoesBack extends ModelLoop {
  override run(): void {
    const { now } = this;
    super.run();
    this.now = now;
  }
}

class CallsAnything extends ModelLoop {
  protected override isCallback(): boolean {
    return true;
  }
}

class AcceptsNaN extends ModelLoop {
  protected override isInstant(value: unknown): boolean {
    return super.isInstant(value) || Number.isNaN(value);
  }
}

class SwallowsErrors extends ModelLoop {
  protected override report(): void {}
}

class ReportsTwice extends ModelLoop {
  protected override report(exception: unknown): void {
    super.report(exception);
    super.report(exception);
  }
}

class ErrorEndsTheIteration extends ModelLoop {
  protected override iterate(): void {
    const items = [...this.takeReady(), ...this.takeDue()];
    try {
      for (let item = items.shift(); item; item = items.shift()) item.run();
    } catch (exception) {
      this.report(exception);
      this.ready.push(...items);
    }
  }
}

class ErrorLosesTheIteration extends ModelLoop {
  protected override iterate(): void {
    try {
      for (const item of [...this.takeReady(), ...this.takeDue()]) item.run();
    } catch (exception) {
      this.report(exception);
    }
  }
}

class HandlerRethrows extends ModelLoop {
  override callExceptionHandler({ exception }: ExceptionContext): void {
    throw exception;
  }
}

class NeverTheRunningLoop extends ModelLoop {
  override run(): void {
    while (this.advance()) this.iterate();
  }
}

class StaysTheRunningLoop extends ModelLoop {
  override run(): void {
    while (this.advance()) this.iterate();
  }

  protected override step(item: Runnable): void {
    const { running } = realm;
    try {
      realm.running = this;
      item.run();
      realm.running = running;
    } catch (exception) {
      this.report(exception);
    }
  }
}

class HandlerStays extends VirtualLoop {
  override setExceptionHandler(handler: ExceptionHandler | null): void {
    if (handler !== null) super.setExceptionHandler(handler);
  }
}

class AnyHandler extends VirtualLoop {
  override setExceptionHandler(handler: ExceptionHandler | null): void {
    super.setExceptionHandler(typeof handler === 'function' ? handler : null);
  }
}

class HandlersErrorEscapes extends VirtualLoop {
  override callExceptionHandler(context: ExceptionContext): void {
    const handler = this.getExceptionHandler();
    if (handler) handler(this, context);
    else super.callExceptionHandler(context);
  }
}

class DefaultHandlersErrorEscapes extends VirtualLoop {
  override callExceptionHandler(context: ExceptionContext): void {
    if (this.getExceptionHandler()) super.callExceptionHandler(context);
    else this.defaultExceptionHandler(context);
  }
}

class LogsOnlyTheMessage extends VirtualLoop {
  override defaultExceptionHandler({ message }: ExceptionContext): void {
    getLogger().error(message);
  }
}

class AnyTaskFactory extends VirtualLoop {
  override setTaskFactory(factory: Parameters<VirtualLoop['setTaskFactory']>[0]): void {
    super.setTaskFactory(typeof factory === 'function' ? factory : null);
  }
}

class DebugForGood extends VirtualLoop {
  override setDebug(enabled: boolean): void {
    if (enabled) super.setDebug(enabled);
  }
}

class StopsOneIterationLater extends VirtualLoop {
  override stop(): void {
    this.callSoon(() => super.stop());
  }
}

class StopsOnlyWhileRunning extends VirtualLoop {
  override stop(): void {
    if (this.isRunning()) super.stop();
  }
}

class ForgetsTheResult extends VirtualLoop {
  override runUntilComplete<T>(main: Awaitable<T>): T {
    super.runUntilComplete(main);
    return undefined as T;
  }
}

class StoppedIsFine extends VirtualLoop {
  override runUntilComplete<T>(main: Awaitable<T>): T {
    try {
      return super.runUntilComplete(main);
    } catch (error) {
      if (isErrorKind(error, 'RuntimeError') && (error as { code?: string }).code === 'LOOP_STOPPED') {
        return undefined as T;
      }
      throw error;
    }
  }
}

class LeavesItsCallback extends VirtualLoop {
  override runUntilComplete<T>(main: Awaitable<T>): T {
    if (!this.isRunning() && !this.isClosed()) main?.addDoneCallback?.(() => this.stop());
    return super.runUntilComplete(main);
  }
}

class StopsTheNextRunToo extends VirtualLoop {
  override runForever(): void {
    super.runForever();
    this.stop();
  }
}

class IgnoresRunsWithin extends VirtualLoop {
  override runForever(): void {
    if (!this.isRunning()) super.runForever();
  }
}

class RunsWithinOthers extends VirtualLoop {
  override runForever(): void {
    const { running } = realm;
    if (!this.isRunning()) realm.running = undefined;
    super.runForever();
    realm.running = running;
  }
}

class RunsUnnoticed extends VirtualLoop {
  #unnoticed = false;

  override isRunning(): boolean {
    return super.isRunning() && !this.#unnoticed;
  }

  override runUntilComplete<T>(main: Awaitable<T>): T {
    this.#unnoticed = !super.isRunning();
    try {
      return super.runUntilComplete(main);
    } finally {
      this.#unnoticed = false;
    }
  }
}

class WaitsForAnything extends VirtualLoop {
  override runUntilComplete<T>(main: Awaitable<T>): T {
    return typeof main?.addDoneCallback === 'function' ? super.runUntilComplete(main) : (main as T);
  }
}

class IgnoresCloseWhileRunning extends VirtualLoop {
  override close(): void {
    if (!this.isRunning()) super.close();
  }
}

class ClosesOnlyOnce extends VirtualLoop {
  override close(): void {
    if (this.isClosed()) throw new Error('closed already');
    super.close();
  }
}

class IgnoresCallbacksWhenClosed extends VirtualLoop {
  override callSoon<A extends unknown[]>(callback: Callback<A>, ...args: A): Handle {
    return this.isClosed() ? new ModelHandle(0, 0, () => {}) : super.callSoon(callback, ...args);
  }
}

class NoCancellingAfterClose extends VirtualLoop {
  override callAt<A extends unknown[]>(when: number, callback: Callback<A>, ...args: A): TimerHandle {
    const timer = super.callAt(when, callback, ...args);
    const cancel = timer.cancel.bind(timer);
    timer.cancel = () => {
      if (this.isClosed()) throw new Error('closed');
      cancel();
    };
    return timer;
  }
}

class ContextOfTheLoop extends VirtualLoop {
  readonly #resource = new AsyncResource('loop');

  override callSoon<A extends unknown[]>(callback: Callback<A>, ...args: A): Handle {
    return this.#resource.runInAsyncScope(() => super.callSoon(callback, ...args));
  }
}

class DeafToHostTurns extends HostLoop {
  override hostTurn(): void {}
}

class NeverYields extends HostLoop {
  constructor() {
    super({ sliceMs: Infinity });
  }
}

type Make<L extends EventLoop> = readonly [clause: string, type: new () => L];

const models: Make<ModelLoop>[] = [
  ['LOOP-1.1', LastInFirstOut],
  ['LOOP-1.1', CallbacksBeforeRunnables],
  ['LOOP-1.2', RunnableOnlyOnce],
  ['LOOP-1.3', NoDelayCallsAtOnce],
  ['LOOP-1.4', OneArgumentMore],
  ['LOOP-1.5', FullQueueDrops],
  ['LOOP-2.1', EnqueueJumpsTheQueue],
  ['LOOP-2.2', NewCallbacksInTheSameIteration],
  ['LOOP-2.2', TimersFirst],
  ['LOOP-2.2', OneCallbackAnIteration],
  ['LOOP-2.2', TimersOnlyWhenIdle],
  ['LOOP-3.1', EarlyByTheClocksResolution],
  ['LOOP-3.2', TimersInOrderOfCreation],
  ['LOOP-3.3', TiesReversed],
  ['LOOP-3.3', OneTimerADeadline],
  ['LOOP-3.4', RefusesNegativeDelays],
  ['LOOP-3.5', TimersForgetArguments],
  ['LOOP-3.6', WhenIsTheDelay],
  ['LOOP-3.7', FiresWhatWasCancelledLate],
  ['LOOP-3.8', ThirtyTwoBitDelays],
  ['LOOP-3.9', LosesTimersOfTimers],
  ['LOOP-3.10', ClockOvershoots],
  ['LOOP-3.11', WaitsForCancelledTimers],
  ['LOOP-4.1', HandleOfAnotherCallback],
  ['LOOP-4.2', CancelledBeforeTheIterationOnly],
  ['LOOP-4.3', CancelTakesTheLast],
  ['LOOP-4.3', SecondCancelUndoes],
  ['LOOP-4.4', CancelledMeansNotPending],
  ['LOOP-5.1', ClockGoesBack],
  ['LOOP-5.2', CallsAnything],
  ['LOOP-5.3', AcceptsNaN],
  ['LOOP-6.1', SwallowsErrors],
  ['LOOP-6.1', ReportsTwice],
  ['LOOP-6.2', ErrorEndsTheIteration],
  ['LOOP-6.2', ErrorLosesTheIteration],
  ['LOOP-6.3', HandlerRethrows],
  ['LOOP-10.1', NeverTheRunningLoop],
  ['LOOP-10.2', StaysTheRunningLoop],
];

const virtuals: Make<VirtualLoop>[] = [
  ['LOOP-6.4', HandlerStays],
  ['LOOP-6.5', AnyHandler],
  ['LOOP-6.6', HandlersErrorEscapes],
  ['LOOP-6.7', DefaultHandlersErrorEscapes],
  ['LOOP-6.8', LogsOnlyTheMessage],
  ['LOOP-7.1', AnyTaskFactory],
  ['LOOP-8.1', DebugForGood],
  ['LOOP-9.1', StopsOneIterationLater],
  ['LOOP-9.2', StopsOnlyWhileRunning],
  ['LOOP-9.3', ForgetsTheResult],
  ['LOOP-9.4', StoppedIsFine],
  ['LOOP-9.5', LeavesItsCallback],
  ['LOOP-9.6', StopsTheNextRunToo],
  ['LOOP-9.7', IgnoresRunsWithin],
  ['LOOP-9.8', RunsWithinOthers],
  ['LOOP-9.9', RunsUnnoticed],
  ['LOOP-9.10', WaitsForAnything],
  ['LOOP-9.11', IgnoresCloseWhileRunning],
  ['LOOP-9.12', ClosesOnlyOnce],
  ['LOOP-9.13', IgnoresCallbacksWhenClosed],
  ['LOOP-9.14', NoCancellingAfterClose],
  ['LOOP-12.1', ContextOfTheLoop],
];

const guests: Make<HostLoop>[] = [
  ['LOOP-11.1', DeafToHostTurns],
  ['LOOP-11.2', NeverYields],
];

/** A loop, and the clause that it does not keep. */
export interface BrokenLoop {
  readonly name: string;
  readonly clause: string;
  readonly subject: Subject;
}

const plant =
  <L extends EventLoop>(subject: Subject<L>) =>
  ([clause, type]: Make<L>): BrokenLoop => ({
    name: type.name,
    clause,
    subject: { ...subject, name: type.name, create: () => new type() },
  });

export const brokenLoops: BrokenLoop[] = [
  ...models.map(plant(modelLoop)),
  ...virtuals.map(plant(virtualLoop)),
  ...guests.map(plant(hostLoop)),
];
