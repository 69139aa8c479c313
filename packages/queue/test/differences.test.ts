/** What docs/semantics/differences.md says of queues, shown: the title of a test is the heading of its entry. */
import { PriorityQueue, Queue } from '@aiokit/queue';
import { type Coroutine, createTask } from '@aiokit/task';
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { nameOf, thrownBy, withLoop } from './with-loop.js';

function* putting<T>(queue: Queue<T>, item: T): Coroutine<void> {
  yield* queue.put(item);
}

test('DIFF-60 Nobody overtakes who waits for a queue', () =>
  withLoop((loop) => {
    const queue = loop.owns(new Queue<unknown>(1));
    queue.putNowait(0);
    for (const item of [1, 2]) createTask(putting<unknown>(queue, item));
    loop.tick();
    queue.getNowait();
    expect(nameOf(thrownBy(() => queue.putNowait('x')))).toBe('QueueFull');
    loop.tick();
    expect(queue.getNowait()).toBe(1);
    loop.tick();
    expect(queue.getNowait()).toBe(2);
  }));

test('DIFF-61 What is reserved is not to be had', () =>
  withLoop((loop) => {
    const queue = loop.owns(new Queue<number>());
    const get = queue.get();
    queue.putNowait(1);
    expect([queue.qsize(), queue.empty()]).toEqual([1, true]);
    expect(get.result()).toBe(1);
  }));

test('DIFF-62 A negative maxsize is a RangeError', () => {
  expect(() => new Queue(-1)).toThrow(RangeError);
  expect(() => new Queue('x' as never)).toThrow(TypeError);
});

test('DIFF-63 A put and a get begin when they are called', () => {
  const queue = new Queue<number>();
  void queue.put(1);
  expect(queue.qsize()).toBe(1);
  const get = queue.get();
  expect(queue.qsize()).toBe(0);
  get.abandon();
  expect(queue.qsize()).toBe(1);
});

test('DIFF-64 The hooks of a queue are called at its first use', () => {
  class Recent extends Queue<number> {
    readonly items: number[] = [];
    protected override init(maxsize: number): void {
      this.items.push(maxsize);
    }
    protected override putItem(item: number): void {
      this.items.push(item);
    }
    protected override getItem(): number {
      return this.items.pop() as number;
    }
    protected override itemCount(): number {
      return this.items.length - 1;
    }
  }
  const queue = new Recent(5);
  expect([queue.items, queue.qsize()]).toEqual([[], 0]);
  queue.putNowait(1);
  expect([[...queue.items], queue.qsize(), queue.getNowait()]).toEqual([[5, 1], 1, 1]);
});

test('DIFF-65 Equal items of a PriorityQueue keep their order', () => {
  const queue = new PriorityQueue<[number, string?]>(0, { compare: ([one], [other]) => one - other });
  for (const name of ['a', 'b', 'c']) queue.putNowait([1, name]);
  expect([1, 2, 3].map(() => queue.getNowait()[1])).toEqual(['a', 'b', 'c']);
  const plain = new PriorityQueue<unknown>();
  plain.putNowait(1);
  expect(() => plain.putNowait({})).toThrow(TypeError);
  expect(plain.qsize()).toBe(1);
});

test('DIFF-66 A queue that is shut down is drained by those who wait', () =>
  withLoop((loop) => {
    const queue = loop.owns(new Queue<number>());
    const first = queue.get();
    queue.putNowait(1);
    queue.shutdown();
    expect(nameOf(thrownBy(() => queue.getNowait()))).toBe('QueueEmpty');
    const second = queue.get();
    second.addDoneCallback(() => {});
    expect(second.done()).toBe(false);
    first.abandon();
    loop.tick();
    expect(second.result()).toBe(1);
  }));

test('every entry about queues has a test', () => {
  const read = (path: string): string => readFileSync(new URL(path, import.meta.url), 'utf8');
  const entries = read('../../../docs/semantics/differences.md').split(/^(?=## )/m);
  const ours = entries.filter((entry) => entry.includes('packages/queue/test/differences.test.ts'));
  const titles = [...read('./differences.test.ts').matchAll(/^test\('(DIFF-.*)',/gm)].map(
    ([, title]) => title,
  );
  expect(ours.map((entry) => /^## (.*)$/m.exec(entry)?.[1])).toEqual(titles);
});
