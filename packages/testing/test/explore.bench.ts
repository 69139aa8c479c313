/** How many schedules a second: one iteration is all that a program has, or 1,000. */
import { type Coroutine, sleep } from '@aiokit/task';
import { explore, type Program } from '@aiokit/testing';
import { bench, describe } from 'vitest';

function* pauses(): Coroutine<void> {
  yield* sleep(0);
  yield* sleep(0);
}

const generators: Program = (world) => {
  for (let task = 0; task < 3; task++) world.spawn(pauses());
};

const asyncs: Program = (world) => {
  for (let task = 0; task < 3; task++) {
    world.spawn(async () => {
      await sleep(0);
      await sleep(0);
    });
  }
};

describe('three tasks of three steps', () => {
  bench('generators, all 1,680', async () => {
    await explore(generators, { strategy: 'exhaustive' });
  });

  bench('generators, 1,000 at random', async () => {
    await explore(generators, { strategy: 'random', schedules: 1000 });
  });

  bench('generators, 1,000 by priorities', async () => {
    await explore(generators, { strategy: 'pct', schedules: 1000 });
  });

  bench('async functions, 1,000', async () => {
    await explore(asyncs, { strategy: 'exhaustive', schedules: 1000 });
  });
});
