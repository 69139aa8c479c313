import {
  AwaitableBase,
  CancelledError,
  currentLoop,
  type EventLoop,
  getEventLoop,
  setEventLoop,
} from '@aiokit/loop-core';
import { WaitQueue } from '@aiokit/loop-core/wait-queue';
import { Future, wrapFuture } from '@aiokit/future';
import { describe, expect, test } from 'vitest';
import { hop, settle, TestLoop, withLoop } from './with-loop.js';

/** An operation of some other package: `end` gives it its outcome. */
class Operation extends AwaitableBase<string> {
  readonly #loop: EventLoop;
  #outcome: (() => string) | undefined;
  abandoned = 0;

  constructor(loop: EventLoop) {
    super();
    this.#loop = loop;
  }

  end(outcome: () => string): void {
    this.wake(this.#loop);
    this.#outcome = outcome;
  }

  override done(): boolean {
    return this.#outcome !== undefined;
  }
  override cancelled(): boolean {
    return false;
  }
  override result(): string {
    return (this.#outcome as () => string)();
  }
  override cancel(): boolean {
    return false;
  }
  override getLoop(): EventLoop {
    return this.#loop;
  }
  override abandon(): void {
    this.abandoned++;
  }
}

/** A queue of waiters that deliver a text, and what its owner was told. */
function makeQueue(): { queue: WaitQueue<string>; steps: string[] } {
  const steps: string[] = [];
  const queue = new WaitQueue<string>({
    deliver: () => {
      steps.push('deliver');
      return 'item';
    },
    passed: () => void steps.push('passed'),
    left: () => void steps.push('left'),
  });
  return { queue, steps };
}

/** A loop beside the test's own, which must be quiet at the end too. */
function withTwoLoops(body: (loop: TestLoop, other: TestLoop) => void): void {
  withLoop((loop) => {
    const other = new TestLoop();
    body(loop, other);
    other.finish();
  });
}

describe('a future', () => {
  test('FUT-8.7 of the same loop is given back as it is, pending or done', () =>
    withLoop((loop) => {
      const future = new Future<number>();
      expect(wrapFuture(future) === future).toBe(true);
      expect(wrapFuture(future, { loop }) === future).toBe(true);
      future.setResult(1);
      expect(wrapFuture(future) === future).toBe(true);
    }));

  test('FUT-8.7 of the loop whose place another took is of that loop', () => {
    setEventLoop(null);
    const bare = currentLoop();
    const future = new Future<number>();
    const loop = getEventLoop();
    expect(loop).not.toBe(bare);
    expect(wrapFuture(future) === future).toBe(true);
    expect(wrapFuture(future, { loop: bare }) === future).toBe(true);
    expect(wrapFuture(future, { loop }) === future).toBe(true);
    loop.close();
  });

  test('FUT-8.8 of another loop gives its result to a future of this one', () =>
    withTwoLoops((loop, other) => {
      const source = new Future<number>({ loop: other });
      const future = wrapFuture(source);
      const steps: unknown[] = [];
      future.addDoneCallback((done) => steps.push(done.result()));
      expect(future.getLoop()).toBe(loop);
      expect(wrapFuture(future) === future).toBe(true);
      source.setResult(1);
      expect(future.done()).toBe(false);
      other.tick();
      expect(future.result()).toBe(1);
      expect(steps).toEqual([]);
      loop.tick();
      expect(steps).toEqual([1]);
    }));

  test('FUT-8.8 of another loop gives its exception, and its cancellation', () =>
    withTwoLoops((loop, other) => {
      const [bad, gone] = [new Future<number>({ loop: other }), new Future<number>({ loop: other })];
      const futures = [wrapFuture(bad), wrapFuture(gone)];
      const error = new RangeError('far');
      bad.setException(error);
      gone.cancel();
      other.tick();
      expect(futures[0]?.exception()).toBe(error);
      expect(futures[1]?.cancelled()).toBe(true);
      loop.tick();
    }));

  test('FUT-8.8 of another loop that is done gives what it has', () =>
    withTwoLoops((_, other) => {
      const source = new Future<number>({ loop: other });
      source.setResult(1);
      const future = wrapFuture(source);
      other.tick();
      expect(future.result()).toBe(1);
    }));

  test('FUT-8.8 of another loop is cancelled when its future is, an iteration later', () =>
    withTwoLoops((loop, other) => {
      const source = new Future<number>({ loop: other });
      const future = wrapFuture(source);
      expect(future.cancel('why')).toBe(true);
      expect(source.cancelled()).toBe(false);
      loop.tick();
      expect(source.cancelled()).toBe(true);
      other.tick();
      expect(() => future.result()).toThrow(new CancelledError('why'));
    }));

  test('FUT-8.8 of another loop leaves a future alone that ended otherwise', () =>
    withTwoLoops((loop, other) => {
      const source = new Future<number>({ loop: other });
      const future = wrapFuture(source);
      future.setResult(7);
      loop.tick();
      expect(source.done()).toBe(false);
      source.setResult(1);
      other.tick();
      expect(future.result()).toBe(7);
    }));

  test('FUT-8.8 does not tell a loop that is closed', () =>
    withTwoLoops((_, other) => {
      const ends = [
        (source: Future<number>) => source.setResult(1),
        (source: Future<number>) => source.setException(new Error('no')),
        (source: Future<number>) => void source.cancel(),
      ];
      const closed = new TestLoop();
      const pairs = ends.map(() => {
        const source = new Future<number>({ loop: other });
        return { source, future: wrapFuture(source, { loop: closed }) };
      });
      closed.close();
      pairs.forEach(({ source }, index) => ends[index]?.(source));
      other.tick();
      expect(other.takeReports()).toEqual([]);
      expect(pairs.map(({ future }) => future.done())).toEqual([false, false, false]);
      if (pairs[1]) pairs[1].source.exception();
    }));
});

describe('an operation', () => {
  test('FUT-8.9 that was granted gives its item', () =>
    withLoop((loop) => {
      const { queue, steps } = makeQueue();
      const future = wrapFuture(queue.join());
      queue.grant();
      expect(steps).toEqual([]);
      loop.tick();
      expect(future.result()).toBe('item');
      expect(steps).toEqual(['deliver']);
    }));

  test('FUT-8.9 leaves its queue when the future is cancelled', () =>
    withLoop((loop) => {
      const { queue, steps } = makeQueue();
      const future = wrapFuture(queue.join());
      future.cancel();
      loop.tick();
      loop.tick();
      expect([queue.size, queue.live, steps]).toEqual([0, 0, ['left']]);
    }));

  test('FUT-8.9 gives its turn back when the future is cancelled in the same tick', () =>
    withLoop((loop) => {
      for (const order of ['grant first', 'cancel first']) {
        const { queue, steps } = makeQueue();
        const future = wrapFuture(queue.join());
        if (order === 'grant first') queue.grant();
        future.cancel();
        if (order === 'cancel first') queue.grant();
        loop.tick();
        loop.tick();
        expect([queue.size, steps]).toEqual([0, ['passed']]);
      }
    }));

  test('FUT-8.9 that is cancelled cancels the future, and leaves its queue', () =>
    withLoop((loop) => {
      const { queue, steps } = makeQueue();
      const waiter = queue.join();
      const future = wrapFuture(waiter);
      waiter.cancel();
      loop.tick();
      expect(future.cancelled()).toBe(true);
      loop.tick();
      expect([queue.size, steps]).toEqual([0, ['left']]);
    }));

  test('FUT-8.9 that fails fails the future, whatever with', () =>
    withLoop((loop) => {
      for (const reason of [new RangeError('far'), 'text']) {
        const { queue } = makeQueue();
        const waiter = queue.join();
        const future = wrapFuture(waiter);
        waiter.abort(reason);
        loop.tick();
        expect(future.exception()).toBe(reason);
      }
      for (const reason of [undefined, null]) {
        const { queue } = makeQueue();
        const waiter = queue.join();
        const future = wrapFuture(waiter);
        waiter.abort(reason);
        loop.tick();
        expect(future.exception()).toBeInstanceOf(Error);
      }
    }));

  test('FUT-8.9 that cannot be cancelled is abandoned', () =>
    withLoop((loop) => {
      const operation = new Operation(loop);
      const future = wrapFuture(operation);
      future.cancel();
      loop.tick();
      expect(operation.abandoned).toBe(1);
      operation.end(() => 'late');
      loop.tick();
      expect(future.cancelled()).toBe(true);
      const fine = new Operation(loop);
      const other = wrapFuture(fine);
      fine.end(() => 'value');
      loop.tick();
      expect(other.result()).toBe('value');
      loop.tick();
      expect(fine.abandoned).toBe(0);
    }));
});

describe('a promise', () => {
  test('FUT-8.10 or any thenable is wrapped as by fromPromise', () =>
    withLoop(async (loop) => {
      const other = new TestLoop();
      const future = wrapFuture(Promise.resolve(1), { loop: other });
      expect(future.getLoop()).toBe(other);
      const thenable = { then: (resolve: (value: string) => void) => resolve('there') };
      const second = wrapFuture(thenable as PromiseLike<string>);
      await hop();
      expect(future.result()).toBe(1);
      expect(second.result()).toBe('there');
      await settle(loop);
      other.finish();
    }));

  test.each([undefined, null, 1, 'text', {}, () => Promise.resolve(1), class {}])(
    'FUT-8.10 is what %s is not: nothing is called',
    (source) =>
      withLoop(() => {
        expect(() => wrapFuture(source as never)).toThrow(TypeError);
      }),
  );
});
