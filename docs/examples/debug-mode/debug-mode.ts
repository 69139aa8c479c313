// Mistakes of the developing page and others, each as it is, then in debug mode.
// Look at: what nobody said before, and the lines at which it is said to be.
import '@aiokit/debug';
import { pstree } from '@aiokit/debug';
import { getEventLoop } from '@aiokit/loop-core';
import { Lock } from '@aiokit/sync-primitives';
import { type Coroutine, coroutine, createTask, run, sleep } from '@aiokit/task';
import { LOG } from '../log.ts';

const test = coroutine(function* test(): Coroutine<void> {
  console.log('never scheduled');
});

async function bug() {
  throw new Error('not consumed');
}

function* swap(first: Lock, second: Lock): Coroutine<void> {
  using _ = yield* first.acquire();
  yield* sleep(1);
  using __ = yield* second.acquire();
}

const MISTAKES: Record<string, () => Promise<void>> = {
  'a coroutine that is never awaited': async () => {
    test();
  },
  'an exception that is never consumed': async () => {
    createTask(bug);
    await sleep(1);
  },
  'a step of 150 ms': async () => {
    await sleep(1);
    const end = performance.now() + 150;
    while (performance.now() < end);
    await sleep(1);
  },
  'seconds instead of milliseconds': async () => {
    await sleep(0.5);
  },
  'a deadlock': async () => {
    const [one, two] = [new Lock(), new Lock()];
    createTask(swap(one, two), { name: 'one-two' });
    createTask(swap(two, one), { name: 'two-one' });
    await sleep(20);
    console.log(pstree());
  },
};

for (const [name, mistake] of Object.entries(MISTAKES)) {
  for (const debug of [false, true]) {
    LOG.info(`${name}, ${debug ? 'in debug mode' : 'as it is'}:`);
    await run(mistake, { debug });
    getEventLoop().close();
  }
}
