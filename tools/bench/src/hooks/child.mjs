/** What one process measures for `hooks.mjs`: `off` or `on`. It is copied beside the packages that it is to use. */
import { Future } from '@aiokit/future';
import { setEventLoop } from '@aiokit/loop-core';
import { VirtualLoop } from '@aiokit/loop-core/virtual';
import { Queue } from '@aiokit/queue';
import { Lock } from '@aiokit/sync-primitives';
import { createTask, sleep } from '@aiokit/task';

const loop = new VirtualLoop();
setEventLoop(loop);
loop.slowCallbackDurationMs = Infinity;

/** Nanoseconds of processor time: what other programs do while this one waits is not in them. */
function timed(work) {
  const began = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(began);
  return (user + system) * 1000;
}

/** The lower quartile of the rounds, in nanoseconds an operation. */
function measure(rounds, n, work) {
  const values = [];
  for (let round = 0; round < rounds; round++) values.push(timed(() => work(n)) / n);
  return values.sort((a, b) => a - b)[rounds >> 2];
}

function* nothing() {}
function* spawning(n) {
  for (let at = 0; at < n; at++) createTask(nothing());
}
function* napping(n) {
  for (let at = 0; at < n; at++) yield* sleep(0);
}
function* locking(n) {
  const lock = new Lock();
  for (let at = 0; at < n; at++) (yield* lock.acquire()).release();
}
function* queueing(n) {
  const queue = new Queue(100);
  for (let at = 0; at < n; at++) {
    yield* queue.put(at);
    yield* queue.get();
  }
}
const run = (steps) => (n) => {
  createTask(steps(n));
  loop.runUntilIdle();
};

function off() {
  const works = { spawn: spawning, 'sleep(0)': napping, lock: locking, queue: queueing };
  return Object.fromEntries(
    Object.entries(works).map(([name, steps]) => [name, measure(24, 20_000, run(steps))]),
  );
}

/** Work of two microseconds. */
let sink = 1;
function work(units) {
  for (let at = 0; at < units; at++) sink = (sink * 1_103_515_245 + 12_345) | 0;
}
function unitsOf(ns) {
  let units = 200;
  for (let round = 0; round < 6; round++) {
    const took = measure(9, 4000, (n) => {
      for (let at = 0; at < n; at++) work(units);
    });
    units = Math.max(1, Math.round((units * ns) / took));
  }
  return units;
}

/** Each holds a lock and waits for that of the one before; the first waits for nothing that anybody holds. */
function* link(mine, next) {
  const permit = yield* mine.acquire();
  if (next) (yield* next.acquire()).release();
  else yield* new Future();
  permit.release();
}
function* asking(lock, n) {
  for (let at = 0; at < n; at++) createTask(trying(lock), { name: 'asks' });
  yield* sleep(0);
}
function* trying(lock) {
  (yield* lock.acquire()).release();
}

async function on() {
  const { ps, pstree, setDebugLimits, setLogLevel } = await import('@aiokit/debug');
  setLogLevel('silent');
  const spawn = run(spawning);
  const figures = {};
  const alternate = (n, rounds, work) => {
    const values = { bare: [], counted: [], placed: [] };
    for (let round = 0; round < rounds; round++) {
      loop.setDebug(false);
      values.bare.push(timed(() => work(n)) / n);
      setDebugLimits({ frames: 0 });
      loop.setDebug(true);
      values.counted.push(timed(() => work(n)) / n);
      setDebugLimits({ frames: 10 });
      values.placed.push(timed(() => work(n)) / n);
    }
    for (const name of Object.keys(values)) values[name] = values[name].sort((a, b) => a - b)[rounds >> 2];
    return values;
  };
  const spawned = alternate(5000, 24, spawn);
  figures.stack = spawned.placed - spawned.counted;
  const units = unitsOf(2000);
  const steps = alternate(5000, 24, (n) => {
    createTask(
      (function* () {
        for (let at = 0; at < n; at++) {
          work(units);
          yield* sleep(0);
        }
      })(),
    );
    loop.runUntilIdle();
  });
  figures.accounting = steps.counted / steps.bare;
  setDebugLimits({ frames: 0 });
  loop.setDebug(true);
  const chain = Array.from({ length: 62 }, () => new Lock());
  for (const [at, lock] of chain.entries()) createTask(link(lock, chain[at - 1]));
  loop.runUntilIdle();
  const ask = (lock) => (n) => {
    const main = createTask(asking(lock, n));
    loop.runUntilIdle();
    for (const task of globalThis[Symbol.for('aiokit.realm/1')].pending(loop)) {
      if (task.getName() === 'asks') task.cancel();
    }
    loop.runUntilIdle();
    main.result();
  };
  // Ten links are less than the noise.
  const [near, far] = [chain[0], chain[60]].map(ask);
  const values = [[], []];
  for (let round = 0; round < 24; round++) {
    values[0].push(timed(() => near(2000)) / 2000);
    values[1].push(timed(() => far(2000)) / 2000);
  }
  const [short, long] = values.map((list) => list.sort((a, b) => a - b)[6]);
  figures.cycle = (long - short) / 6;
  setDebugLimits({ frames: 10 });
  for (let at = 0; at < 100_000; at++) {
    createTask(
      (function* () {
        yield* new Future();
      })(),
    );
  }
  loop.runUntilIdle();
  figures.ps = measure(5, 1, () => ps(loop));
  figures.pstree = measure(5, 1, () => pstree(loop));
  return figures;
}

const figures = process.argv[2] === 'on' ? await on() : off();
process.stdout.write(JSON.stringify(figures), () => process.exit());
