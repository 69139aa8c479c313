/** Traces: tasks as tracks, waits, who has ended them, slow steps. */
import { recordTrace, type Trace, type TraceEvent } from '@aiokit/debug';
import { realm, setEventLoop } from '@aiokit/loop-core';
import { Queue } from '@aiokit/queue';
import { Event, Lock } from '@aiokit/sync-primitives';
import { type Coroutine, createTask, gather, sleep } from '@aiokit/task';
import { expect, onTestFinished, test, vi } from 'vitest';
import { hop, WatchedHostLoop, WatchedVirtualLoop } from '../../loop-core/test/watched-loops.js';

function virtualLoop(): WatchedVirtualLoop {
  const loop = new WatchedVirtualLoop();
  setEventLoop(loop);
  onTestFinished(() => setEventLoop(null));
  return loop;
}

/** The events, with the names of their tracks in place of numbers. */
function eventsOf({ traceEvents }: Trace): (Omit<TraceEvent, 'tid'> & { track: string })[] {
  const names = new Map(
    traceEvents.flatMap(({ name, tid, args }) =>
      name === 'thread_name' ? [[tid, String(args?.['name'])] as const] : [],
    ),
  );
  return traceEvents
    .filter(({ ph }) => ph !== 'M')
    .map(({ tid, ...event }) => ({ ...event, track: names.get(tid) ?? String(tid) }));
}

/** From which track to which one each flow leads. */
function flowsOf(trace: Trace): string[] {
  const events = eventsOf(trace);
  return events
    .filter(({ ph }) => ph === 's')
    .map((start) => {
      const end = events.find(({ ph, id }) => ph === 'f' && id === start.id);
      expect(end?.ts).toBeGreaterThanOrEqual(start.ts);
      return `${start.track} → ${end?.track}`;
    });
}

const waitsOf = (trace: Trace) =>
  eventsOf(trace)
    .filter(({ cat }) => cat === 'wait')
    .map(({ track, name }) => `${track} ${name}`);

test('DEBUG-12.1 each task has a track with its steps and waits, none over another', () => {
  const loop = virtualLoop();
  using recorder = recordTrace();
  const queue = new Queue<number>();
  createTask(
    function* (): Coroutine<void> {
      for (let count = 0; count < 3; count++) yield* queue.get();
    },
    { name: 'consumer' },
  );
  createTask(
    function* (): Coroutine<void> {
      for (let count = 0; count < 3; count++) {
        yield* sleep(5);
        yield* queue.put(count);
      }
    },
    { name: 'producer' },
  );
  loop.runUntilIdle();
  const trace = recorder.stop();
  expect(waitsOf(trace).filter((wait) => wait.startsWith('producer'))).toEqual([
    'producer waits for <Sleep pending>',
    'producer waits for <Sleep pending>',
    'producer waits for <Sleep pending>',
  ]);
  expect(waitsOf(trace).filter((wait) => wait.startsWith('consumer waits for <Queue'))).toHaveLength(3);
  const times = eventsOf(trace).map(({ ts }) => ts);
  expect(times).toEqual([...times].sort((one, other) => one - other));
  for (const track of ['consumer', 'producer']) {
    const slices = eventsOf(trace)
      .filter((event) => event.track === track && event.ph === 'X')
      .sort((one, other) => one.ts - other.ts);
    expect(slices.filter(({ cat }) => cat === 'step')).toHaveLength(4);
    for (const [index, { ts, dur = 0 }] of slices.entries()) {
      expect(ts + dur).toBeLessThanOrEqual((slices[index + 1]?.ts ?? Infinity) + 0.002);
    }
  }
});

test('DEBUG-12.2 a flow leads from whoever releases to whoever waited', () => {
  const loop = virtualLoop();
  using recorder = recordTrace();
  const lock = new Lock();
  const hold = function* (): Coroutine<void> {
    using _ = yield* lock.acquire();
    yield* sleep(1);
  };
  for (const name of ['first', 'second', 'third']) createTask(hold(), { name });
  loop.runUntilIdle();
  const flows = flowsOf(recorder.stop());
  expect(flows).toContain('first → second');
  expect(flows).toContain('second → third');
  expect(flows).not.toContain('first → third');
  expect(flows).not.toContain('second → first');
});

test('DEBUG-12.2 what a callback makes ready was caused by whoever has scheduled it', () => {
  const loop = virtualLoop();
  using recorder = recordTrace();
  const event = new Event();
  createTask(event.wait(), { name: 'waiter' });
  createTask(
    function* (): Coroutine<void> {
      yield* sleep(1);
      loop.callSoon(() => event.set());
    },
    { name: 'setter' },
  );
  loop.runUntilIdle();
  const flows = flowsOf(recorder.stop()).filter((flow) => flow.endsWith('waiter'));
  expect(flows).toEqual(['setter → waiter']);
});

test('DEBUG-12.2 so it does between async functions, within their steps', async () => {
  const loop = new WatchedHostLoop();
  setEventLoop(loop);
  onTestFinished(() => setEventLoop(null));
  const recorder = recordTrace();
  const lock = new Lock();
  const hold = () => lock.with(() => sleep(1));
  await loop.runUntilComplete(
    createTask(async () => {
      await gather(...['first', 'second'].map((name) => createTask(hold, { name })));
    }),
  );
  const trace = recorder.stop();
  expect(flowsOf(trace)).toContain('first → second');
  const events = eventsOf(trace);
  for (const { track, ts } of events.filter(({ ph, track: from }) => ph === 's' && from === 'first')) {
    const within = events.filter(
      (event) =>
        event.track === track && event.cat === 'step' && event.ts <= ts && ts <= event.ts + (event.dur ?? 0),
    );
    expect(within, `what ${track} does at ${ts}`).toHaveLength(1);
  }
});

test('DEBUG-12.3 slow steps are marked, others are not', () => {
  const loop = virtualLoop();
  loop.slowCallbackDurationMs = 20;
  let now = 1000;
  vi.spyOn(performance, 'now').mockImplementation(() => now);
  onTestFinished(() => void vi.restoreAllMocks());
  using recorder = recordTrace();
  const work = function* (ms: number): Coroutine<void> {
    yield* sleep(0);
    now += ms;
  };
  createTask(work(20), { name: 'long' });
  createTask(work(19.9), { name: 'quick' });
  loop.runUntilIdle();
  const slow = eventsOf(recorder.stop()).filter(({ cat }) => cat?.includes('slow'));
  expect(slow.map(({ ph, name, track, dur }) => [ph, name, track, dur])).toEqual([
    ['X', 'slow: long', 'long', 20_000],
    ['i', 'slow step of long', 'long', undefined],
  ]);
});

test('DEBUG-12.4 steps and waits are measures in a track of DevTools, unless they are not wanted', () => {
  const loop = virtualLoop();
  const measured: [string, { detail: { devtools: Record<string, unknown> } }][] = [];
  vi.spyOn(performance, 'measure').mockImplementation((...given) => {
    measured.push(given as never);
    return undefined as never;
  });
  onTestFinished(() => void vi.restoreAllMocks());
  const run = (measures: boolean) => {
    using _ = recordTrace({ measures });
    createTask(
      function* (): Coroutine<void> {
        yield* sleep(1);
      },
      { name: 'sleeper' },
    );
    loop.runUntilIdle();
    return measured.splice(0).filter(([, { detail }]) => detail.devtools['track'] === 'sleeper');
  };
  const [first, wait, last] = run(true);
  expect([first?.[0], wait?.[0], last?.[0]]).toEqual(['sleeper', 'waits for <Sleep pending>', 'sleeper']);
  expect(wait?.[1].detail.devtools).toEqual({
    dataType: 'track-entry',
    track: 'sleeper',
    trackGroup: 'aiokit',
    color: 'secondary-light',
    properties: [],
  });
  expect(run(false)).toEqual([]);
});

test('DEBUG-12.5 what comes when it is full is counted', () => {
  const loop = virtualLoop();
  using recorder = recordTrace({ maxEvents: 3, measures: false });
  for (let count = 0; count < 5; count++) loop.callSoon(() => {});
  loop.runUntilIdle();
  const trace = recorder.stop();
  expect(eventsOf(trace)).toHaveLength(3);
  expect(trace.otherData.leftOut).toBe(2);
});

test('DEBUG-12.5 a wait that lasts is in the trace, and a trace that has ended leaves nothing behind', async () => {
  const loop = virtualLoop();
  const before = realm.hooks;
  const recorder = recordTrace({ measures: false });
  const queue = new Queue<number>();
  const task = createTask(queue.get(), { name: 'hungry' });
  loop.runUntilIdle();
  expect(Object.hasOwn(loop, 'enqueue')).toBe(true);
  const trace = recorder.stop();
  expect(waitsOf(trace)).toEqual(['hungry still waits for <Queue maxsize=0 getters=1>']);
  expect(recorder.stop()).toBe(trace);
  expect(realm.hooks).toBe(before);
  expect(Object.hasOwn(loop, 'enqueue')).toBe(false);
  const size = trace.traceEvents.length;
  task.cancel();
  loop.runUntilIdle();
  await hop();
  expect(trace.traceEvents).toHaveLength(size);
});

test('DEBUG-12.5 an enqueue of a loop’s own is put back', () => {
  const loop = virtualLoop();
  const calls: unknown[] = [];
  const own: typeof loop.enqueue = (...args) => {
    calls.push(args);
    return WatchedVirtualLoop.prototype.enqueue.apply(loop, args);
  };
  loop.enqueue = own;
  const recorder = recordTrace({ measures: false });
  createTask(sleep(1));
  loop.runUntilIdle();
  recorder.stop();
  expect(Object.getOwnPropertyDescriptor(loop, 'enqueue')?.value).toBe(own);
  expect(calls).not.toEqual([]);
});

test.each([
  [{ maxEvents: '1' }, "maxEvents must be a number, got '1'"],
  [{ maxEvents: 0 }, 'maxEvents must be a number above 0, got 0'],
  [{ maxEvents: Number.NaN }, 'maxEvents must be a number above 0, got NaN'],
  [{ measures: 1 }, 'measures must be true or false, got 1'],
])('DEBUG-12.6 %o is refused', (options, message) => {
  const before = realm.hooks;
  expect(() => recordTrace(options as never)).toThrow(message);
  expect(realm.hooks).toBe(before);
});
