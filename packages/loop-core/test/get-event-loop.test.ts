import {
  currentLoop,
  type EventLoop,
  getEventLoop,
  getRunningLoop,
  HostLoop,
  HostScheduler,
  newEventLoop,
  realm,
  sameLoop,
  setEventLoop,
  succeed,
} from '@aiokit/loop-core';
import { VirtualLoop } from '@aiokit/loop-core/virtual';
import { afterEach, assert, beforeEach, describe, expect, test } from 'vitest';
import { Outcome } from './outcome.js';
import { loadCopy } from './second-copy.js';
import { hop, thrownBy, WatchedHostLoop, WatchedVirtualLoop } from './watched-loops.js';

beforeEach(() => {
  setEventLoop(null);
  realm.spare = undefined;
});

afterEach(() => {
  assert.equal(realm.running, undefined);
  setEventLoop(null);
});

/** Waits until all loops of the realm are at rest. */
async function settle(): Promise<void> {
  for (let round = 0; round < 5; round++) await hop();
}

describe('getEventLoop', () => {
  test('LOOP-10.3 makes the default loop at its first use, and keeps to it', () => {
    expect(realm.loop).toBe(undefined);
    const loop = getEventLoop();
    expect(loop).toBeInstanceOf(HostLoop);
    expect([realm.loop, getEventLoop(), currentLoop()]).toEqual([loop, loop, loop]);
  });

  test('LOOP-10.3 gives a new one once that is closed', () => {
    const loop = getEventLoop();
    loop.close();
    const next = getEventLoop();
    expect([next === loop, next.isClosed(), getEventLoop() === next]).toEqual([false, false, true]);
  });

  test('LOOP-10.3 gives a new one in the callback that closed it', async () => {
    const loop = getEventLoop();
    const found: EventLoop[] = [];
    loop.callSoon(() => {
      loop.close();
      found.push(getEventLoop(), getEventLoop(), currentLoop());
    });
    await settle();
    found.push(getEventLoop());
    const [next] = found;
    expect(next).toBeInstanceOf(HostLoop);
    expect(found.map((one) => one === next)).toEqual([true, true, true, true]);
    expect(next === loop).toBe(false);
  });

  test('LOOP-10.3 gives the default one in the callback that closed another', async () => {
    const [loop, other] = [getEventLoop(), new HostLoop()];
    const found: EventLoop[] = [];
    other.callSoon(() => {
      other.close();
      found.push(getEventLoop(), currentLoop());
    });
    await settle();
    found.push(getEventLoop());
    expect(found.map((one) => one === loop)).toEqual([true, true, true]);
  });

  test('LOOP-10.3 does not give a closed loop that was set', () => {
    const loop = new HostLoop();
    loop.close();
    setEventLoop(loop);
    expect(getEventLoop().isClosed()).toBe(false);
  });

  test('LOOP-10.3 gives the running loop before the default one, whatever loop it is', async () => {
    const loop = getEventLoop();
    const other = new WatchedVirtualLoop();
    const third = new WatchedHostLoop();
    const found: unknown[] = [];
    other.callSoon(() => found.push(getEventLoop()));
    other.runUntilIdle();
    third.callSoon(() => found.push(getEventLoop()));
    await settle();
    expect(found[0]).toBe(other);
    expect(found[1]).toBe(third);
    expect(getEventLoop()).toBe(loop);
  });

  test('LOOP-10.3 gives what a framework has set', () => {
    const framework = { enqueue() {} } as unknown as EventLoop;
    setEventLoop(framework);
    expect(getEventLoop()).toBe(framework);
    expect(currentLoop()).toBe(framework);
    expect(thrownBy(() => getRunningLoop()).code).toBe('NO_RUNNING_LOOP');
  });
});

describe('getRunningLoop', () => {
  test('LOOP-10.4 throws where no loop runs', () => {
    const expected = { name: 'RuntimeError', message: 'no running event loop', code: 'NO_RUNNING_LOOP' };
    expect(thrownBy(() => getRunningLoop())).toMatchObject(expected);
    getEventLoop();
    expect(thrownBy(() => getRunningLoop())).toMatchObject(expected);
    expect(() => new WatchedVirtualLoop().runUntilIdle()).not.toThrow();
    expect(thrownBy(() => getRunningLoop())).toMatchObject(expected);
  });

  test('LOOP-10.4 gives the loop in its callbacks, and in the course of its run', async () => {
    const loop = new WatchedHostLoop();
    const found: unknown[] = [];
    loop.callSoon(() => found.push(getRunningLoop()));
    await settle();
    setEventLoop(loop);
    const run = loop.runForever();
    found.push(getRunningLoop());
    loop.stop();
    await run;
    expect(found[0]).toBe(loop);
    expect(found[1]).toBe(loop);
    expect(thrownBy(() => getRunningLoop()).code).toBe('NO_RUNNING_LOOP');
  });

  test('LOOP-10.4 gives a virtual loop in the course of its asynchronous run', async () => {
    const loop = new WatchedVirtualLoop();
    const main = new Outcome<void>(loop);
    const release = loop.hold({});
    const found: unknown[] = [];
    const run = loop.runUntilCompleteAsync(main);
    await hop();
    found.push(getRunningLoop());
    const host = new HostLoop();
    host.callSoon(() => {
      found.push(getRunningLoop());
      host.close();
    });
    await hop();
    loop.callSoon(() => {
      found.push(realm.running);
      main.resolve();
      release();
    });
    await run;
    expect(found.map((one) => [loop, host].indexOf(one as never))).toEqual([0, 1, 0]);
  });
});

describe('newEventLoop and setEventLoop', () => {
  test('LOOP-10.5 a new loop is not the default one', () => {
    const loop = getEventLoop();
    const made = newEventLoop();
    expect([made === loop, getEventLoop() === loop, made.isClosed(), made.isRunning()]).toEqual([
      false,
      true,
      false,
      false,
    ]);
    made.close();
    expect(getEventLoop()).toBe(loop);
  });

  test('LOOP-10.5 what is set is the default one; null asks for a new one', () => {
    const loop = new WatchedVirtualLoop();
    setEventLoop(loop);
    expect([getEventLoop() as unknown, currentLoop()]).toEqual([loop, loop]);
    setEventLoop(null);
    const next = getEventLoop();
    expect((next as unknown) === loop).toBe(false);
  });

  test.each([undefined, 1, 'loop', {}, { enqueue: true }])(
    'LOOP-10.5 %j is refused, and nothing has changed',
    (bad) => {
      const loop = getEventLoop();
      const shown = typeof bad === 'string' ? `'${bad}'` : String(bad);
      expect(thrownBy(() => setEventLoop(bad as never))).toEqual(
        new TypeError(`loop must be an event loop or null, got ${shown}`),
      );
      expect(getEventLoop()).toBe(loop);
    },
  );
});

describe('the scheduler that primitives pull in', () => {
  test('is the default loop until a loop for programs is asked for', () => {
    const spare = currentLoop();
    expect(spare).toBeInstanceOf(HostScheduler);
    expect(spare).not.toBeInstanceOf(HostLoop);
    expect([realm.loop, realm.spare, currentLoop()]).toEqual([spare, spare, spare]);
    const loop = getEventLoop();
    expect(loop).toBeInstanceOf(HostLoop);
    expect([currentLoop(), realm.spare, spare.successor]).toEqual([loop, undefined, loop]);
    expect(getEventLoop()).toBe(loop);
    expect([sameLoop(spare, loop), sameLoop(loop, spare), sameLoop(spare, spare)]).toEqual([
      true,
      true,
      true,
    ]);
    expect(sameLoop(spare, new VirtualLoop())).toBe(false);
  });

  test('LOOP-1.1 keeps the order of what it was given before and after, on both', async () => {
    const steps: string[] = [];
    const note = (name: string) => (): void => void steps.push(name);
    const spare = currentLoop();
    spare.callSoon(note('a'));
    spare.enqueue({ run: note('b') });
    const loop = getEventLoop();
    loop.callSoon(note('c'));
    spare.callSoon(note('d'));
    loop.enqueue({ run: note('e') });
    spare.enqueue({ run: note('f') });
    loop.callSoon(note('g'));
    await settle();
    expect(steps).toEqual(['a', 'b', 'c', 'd', 'e', 'f', 'g']);
  });

  test('LOOP-1.1 keeps it amid an iteration, though the host has a turn', async () => {
    const steps: string[] = [];
    const note = (name: string) => (): void => void steps.push(name);
    const spare = currentLoop();
    spare.callSoon(() => {
      spare.hostTurn?.();
      spare.callSoon(note('next, from before'));
      getEventLoop().callSoon(note('next, from after'));
      spare.callSoon(note('next, from after, on the old one'));
      steps.push('first');
    });
    spare.callSoon(note('same iteration'));
    await settle();
    expect(steps).toEqual([
      'first',
      'same iteration',
      'next, from before',
      'next, from after',
      'next, from after, on the old one',
    ]);
  });

  test('LOOP-1.1 keeps it while the host’s timers and I/O have their turn', async () => {
    const steps: string[] = [];
    const spare = currentLoop();
    let left = 40;
    const again = (): void => {
      steps.push('step');
      if (--left > 0) spare.callSoon(again);
    };
    spare.callSoon(again);
    for (let round = 0; round < 40; round++) await Promise.resolve();
    const { length } = steps;
    expect(length).toBeLessThan(40);
    getEventLoop().callSoon(() => steps.push('after'));
    await settle();
    expect(steps.indexOf('after')).toBe(length + 1);
    expect(steps).toHaveLength(41);
  });

  test('LOOP-4.1 LOOP-3.7 handles and timers that it made go on to work', async () => {
    const steps: string[] = [];
    const note = (name: string) => (): void => void steps.push(name);
    const spare = currentLoop();
    const handles = [spare.callSoon(note('soon')), spare.callSoon(note('cancelled'))];
    const timers = [1, 2, 3].map((delay) => spare.callLater(delay, note(`timer ${delay}`)));
    const loop = getEventLoop();
    handles[1]?.cancel();
    timers[1]?.cancel();
    const done = new Promise<void>((resolve) => loop.callLater(4, resolve));
    expect(timers[0]?.when()).toBeLessThanOrEqual(loop.time() + 1);
    await done;
    await settle();
    expect(steps).toEqual(['soon', 'timer 1', 'timer 3']);
  });

  test('LOOP-6.4 reports to the handler of the loop that took its place', async () => {
    const spare = currentLoop();
    spare.callSoon(() => {
      throw new Error('before');
    });
    spare.callLater(1, () => {
      throw new Error('timer');
    });
    const reports: string[] = [];
    const loop = getEventLoop();
    loop.setExceptionHandler((on, { exception }) => {
      reports.push(`${on === loop} ${String(exception)}`);
    });
    spare.callExceptionHandler({ message: 'by hand', exception: 'by hand' });
    await new Promise<void>((resolve) => loop.callLater(2, resolve));
    await settle();
    expect(reports).toEqual(['true by hand', 'true Error: before', 'true Error: timer']);
  });

  test('LOOP-10.1 in its callbacks the loop that took its place is the running one', async () => {
    const spare = currentLoop();
    const found: unknown[] = [];
    spare.callSoon(() => {
      const loop = getEventLoop();
      found.push(loop, getEventLoop(), getRunningLoop());
    });
    await settle();
    const loop = getEventLoop();
    expect(found.map((one) => one === loop)).toEqual([true, true, true]);
    expect(loop).toBeInstanceOf(HostLoop);
  });

  test('LOOP-9.13 is as closed as the loop that took its place', () => {
    const spare = currentLoop();
    getEventLoop().close();
    expect(thrownBy(() => spare.callSoon(() => {})).code).toBe('LOOP_CLOSED');
    expect(thrownBy(() => spare.callLater(1, () => {})).code).toBe('LOOP_CLOSED');
    expect(thrownBy(() => spare.enqueue({ run() {} })).code).toBe('LOOP_CLOSED');
    expect(currentLoop().successor).toBe(undefined);
  });

  test('any loop may take the place of any', () => {
    for (const bare of [new VirtualLoop(), {}] as EventLoop[]) {
      const steps: string[] = [];
      const loop = new WatchedVirtualLoop();
      succeed(bare, loop);
      bare.callSoon(() => steps.push('callSoon'));
      bare.enqueue({ run: () => steps.push('enqueue') });
      bare.callAt(5, () => steps.push('callAt'));
      loop.runUntilIdle();
      expect([steps, bare.successor]).toEqual([['callSoon', 'enqueue', 'callAt'], loop]);
    }
  });
});

describe('two copies of the package', () => {
  test('LOOP-10.3 have one default loop, made by whichever is first', async () => {
    const copy = await loadCopy();
    expect(copy.HostLoop).not.toBe(HostLoop);
    const loop = copy.getEventLoop();
    expect(loop).toBeInstanceOf(copy.HostLoop);
    expect([getEventLoop() as unknown, currentLoop(), copy.currentLoop()]).toEqual([loop, loop, loop]);
    loop.close();
    const next = getEventLoop();
    expect([next instanceof HostLoop, copy.getEventLoop() === (next as unknown)]).toEqual([true, true]);
  });

  test('LOOP-1.1 run one queue, in order', async () => {
    const copy = await loadCopy();
    const steps: string[] = [];
    const loops = [getEventLoop(), copy.getEventLoop(), currentLoop(), copy.currentLoop()];
    for (const [index, loop] of loops.entries()) {
      loop.callSoon(() => {
        steps.push(`callSoon ${index}`);
        loop.callSoon(() => steps.push(`next ${index}`));
      });
      loop.enqueue({ run: () => steps.push(`enqueue ${index}`) });
    }
    await settle();
    const indexes = [0, 1, 2, 3];
    expect(steps).toEqual([
      ...indexes.flatMap((index) => [`callSoon ${index}`, `enqueue ${index}`]),
      ...indexes.map((index) => `next ${index}`),
    ]);
  });

  test('LOOP-1.1 one takes over the scheduler of the other, with its queue', async () => {
    const copy = await loadCopy();
    const steps: string[] = [];
    const spare = copy.currentLoop();
    expect(currentLoop()).toBe(spare);
    spare.callSoon(() => steps.push('a'));
    const loop = getEventLoop();
    expect([loop instanceof HostLoop, spare.successor, copy.getEventLoop() as unknown]).toEqual([
      true,
      loop,
      loop,
    ]);
    loop.callSoon(() => steps.push('b'));
    spare.callSoon(() => steps.push('c'));
    await settle();
    expect(steps).toEqual(['a', 'b', 'c']);
  });

  test('LOOP-10.4 LOOP-9.8 know of each other’s runs', async () => {
    const copy = await loadCopy();
    const loop = new copy.VirtualLoop();
    const other = new WatchedVirtualLoop();
    const found: unknown[] = [];
    loop.callSoon(() => {
      found.push(getRunningLoop());
      found.push(thrownBy(() => other.runUntilIdle()).message);
    });
    loop.runUntilIdle();
    loop.close();
    expect(found).toEqual([loop, 'Cannot run the event loop while another loop is running']);
  });
});
