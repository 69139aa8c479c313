/** Who has made what a loop runs ready: while somebody looks on, `enqueue` of the loops is watched. */
import type { EventLoop, LoopHooks, Runnable } from '@aiokit/loop-core';
import { currentTask, type TaskLike } from './tasks.js';
import { ownerOf } from './owners.js';

/** Where something was made ready. */
export interface Waker {
  /** Whose code did it; undefined for a callback of no task. */
  readonly task: TaskLike | undefined;
  readonly loop: EventLoop;
  /** In `performance.now()`. */
  readonly when: number;
}

/** What is watched. */
export interface Wakers {
  readonly hooks: LoopHooks;
  /** Who has made ready what a loop runs, if it was code of this family's loops; asked once. */
  take(item: unknown): Waker | undefined;
  /** Leaves the loops as they were. */
  end(): void;
}

declare const performance: { now(): number };

/**
 * Begins to watch the loops as they run.
 *
 * @param touch called when an async function makes something ready
 */
export function watchWakers(touch: () => void): Wakers {
  const wakers = new WeakMap<object, Waker>();
  const watched = new Map<EventLoop, PropertyDescriptor | undefined>();
  let running: { readonly loop: EventLoop; readonly item: unknown } | undefined;

  /** What a callback of no task makes ready was caused by whoever has made that ready. */
  const current = (loop: EventLoop): Waker | undefined => {
    const when = performance.now();
    if (!running) {
      const task = currentTask();
      if (task) touch();
      return task && { task, loop, when };
    }
    const task = ownerOf(running.item);
    if (task) return { task, loop, when };
    const { item } = running;
    const cause = typeof item === 'object' && item !== null ? wakers.get(item) : undefined;
    return cause ?? { task: undefined, loop, when };
  };
  const watch = (loop: EventLoop): void => {
    watched.set(loop, Object.getOwnPropertyDescriptor(loop, 'enqueue'));
    const enqueue: (this: EventLoop, runnable: Runnable, order?: object) => void = Reflect.get(
      loop,
      'enqueue',
    );
    const watching = (runnable: Runnable, order?: object): void => {
      const waker = current(loop);
      if (waker && typeof runnable === 'object') wakers.set(runnable, waker);
      enqueue.call(loop, runnable, order);
    };
    Object.defineProperty(loop, 'enqueue', { value: watching, configurable: true, writable: true });
  };
  return {
    hooks: {
      before(loop, item) {
        if (!watched.has(loop)) watch(loop);
        running = { loop, item };
      },
      after() {
        running = undefined;
      },
    },
    take(item) {
      if (typeof item !== 'object' || item === null) return undefined;
      const waker = wakers.get(item);
      wakers.delete(item);
      return waker;
    },
    end() {
      for (const [loop, before] of watched) {
        if (before) Object.defineProperty(loop, 'enqueue', before);
        else Reflect.deleteProperty(loop, 'enqueue');
      }
      watched.clear();
    },
  };
}
