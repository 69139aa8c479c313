/** Where callbacks run in the host's async context. Each test has a loop that no other has woken. */
import { type EventLoop, HostLoop, HostScheduler } from '@aiokit/loop-core';
import { VirtualLoop } from '@aiokit/loop-core/virtual';
import { Future } from '@aiokit/future';
import { AsyncLocalStorage } from 'node:async_hooks';
import { describe, expect, test } from 'vitest';
import { runProgram } from './program.js';

const store = new AsyncLocalStorage<string>();

/** Waits for a macrotask, outside every store. */
const hop = (): Promise<void> => store.exit(() => new Promise((resolve) => setImmediate(resolve)));

const LOOPS: Record<string, () => EventLoop> = {
  HostLoop: () => new HostLoop(),
  HostScheduler: () => new HostScheduler(),
};

async function until(condition: () => boolean): Promise<void> {
  for (let hops = 0; hops < 20 && !condition(); hops++) await hop();
  expect(condition()).toBe(true);
}

describe.each(Object.keys(LOOPS))('on a %s', (name) => {
  const makeLoop = LOOPS[name] as () => EventLoop;

  test('FUT-11.1 a done callback runs in the store in which it was added', async () => {
    const loop = makeLoop();
    const future = new Future<number>({ loop });
    const seen: unknown[] = [];
    const add = (): void => future.addDoneCallback(() => seen.push(store.getStore()));
    store.run('a', add);
    add();
    store.run('b', add);
    store.run('setter', () => future.setResult(1));
    store.run('late', add);
    await until(() => seen.length === 4);
    expect(seen).toEqual(['a', undefined, 'b', 'late']);
  });

  test('FUT-11.1 a handler of then runs in the store in which it was given', async () => {
    const loop = makeLoop();
    const future = new Future<number>({ loop });
    const seen: unknown[] = [];
    const add = (): void => void future.then(() => seen.push(store.getStore()));
    store.run('a', add);
    add();
    store.run('b', add);
    store.run('setter', () => future.setResult(1));
    store.run('late', add);
    await until(() => seen.length === 4);
    expect(seen).toHaveLength(4);
    expect(new Set(seen)).toEqual(new Set(['a', 'b', 'late', undefined]));
  });

  test('FUT-11.1 an async function goes on in its own store', async () => {
    const loop = makeLoop();
    const future = new Future<number>({ loop });
    const seen: unknown[] = [];
    const wait = async (): Promise<void> => {
      await future;
      seen.push(store.getStore());
    };
    void store.run('a', wait);
    void wait();
    await hop();
    store.run('setter', () => future.setResult(1));
    await until(() => seen.length === 2);
    expect(seen).toEqual(['a', undefined]);
  });

  test('FUT-11.2 what was added without a store does not see that of whoever woke the loop', async () => {
    const loop = makeLoop();
    const future = new Future<number>({ loop });
    const seen: unknown[] = [];
    future.addDoneCallback(() => seen.push(store.getStore()));
    void future.then(() => seen.push(store.getStore()));
    loop.callSoon(() => seen.push(store.getStore()));
    await until(() => seen.length === 1);
    store.run('waker', () => future.setResult(1));
    await until(() => seen.length === 3);
    expect(seen).toEqual([undefined, undefined, undefined]);
  });
});

test('FUT-11.2 holds for the first store of a process too', () => {
  const { status, stdout } = runProgram(`
    import { AsyncLocalStorage } from 'node:async_hooks';
    import { Future } from '@aiokit/future';
    const store = new AsyncLocalStorage();
    const hop = () => new Promise((resolve) => setImmediate(resolve));
    const seen = [];
    const future = new Future();
    const timed = new Future();
    for (const one of [future, timed]) {
      one.addDoneCallback(() => seen.push(store.getStore() ?? null));
      one.then(() => seen.push(store.getStore() ?? null));
    }
    store.run('waker', () => {
      future.setResult(1);
      setTimeout(() => timed.setResult(1), 1);
    });
    await hop(); await hop();
    await new Promise((resolve) => setTimeout(resolve, 10));
    await hop();
    console.log(JSON.stringify(seen));
  `);
  expect({ status, seen: JSON.parse(stdout) }).toEqual({ status: 0, seen: [null, null, null, null] });
});

test('FUT-11.1 holds in virtual time', () => {
  const loop = new VirtualLoop();
  const future = new Future<number>({ loop });
  const seen: unknown[] = [];
  const add = (): void => {
    future.addDoneCallback(() => seen.push(store.getStore()));
    void future.then(() => seen.push(store.getStore()));
  };
  store.run('a', add);
  add();
  store.run('runner', () => {
    future.setResult(1);
    expect(() => loop.runUntilIdle()).not.toThrow();
  });
  expect(seen.slice(0, 2)).toEqual(['a', 'a']);
  loop.close();
});
