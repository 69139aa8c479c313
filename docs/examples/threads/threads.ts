// A computation on the loop, then in threads, which tell of their progress and ask the loop; then Ctrl-C.
// Look at: while the loop computes, the clock stands still, and debug mode names the line. While a thread does, the clock
// goes on. A thread can wait for an answer of the loop, and has a time limit for it. Ctrl-C ends the threads' work cleanly.
import '@aiokit/debug';
import { getEventLoop } from '@aiokit/loop-core';
import { type Coroutine, createTask, isKeyboardInterrupt, run, sleep } from '@aiokit/task';
import { exposeLoop, toThread, WorkerExecutor, workerModule } from '@aiokit/threadsafe';
import { LOG } from '../log.ts';
import { hash } from './hash.ts';

const work = workerModule<typeof import('./work.ts')>(new URL('./threads-work.mjs', import.meta.url));
const loop = getEventLoop();

/** Ticks every 20 ms; counts, and keeps how late it was at worst. */
let ticks = 0;
let worstMs = 0;
async function clock(): Promise<never> {
  for (let due = loop.time(); ; due = loop.time() + 20) {
    await sleep(due - loop.time());
    ticks++;
    worstMs = Math.max(worstMs, loop.time() - due);
    if (process.stdout.isTTY) process.stdout.write(`\r${(loop.time() / 1000).toFixed(2)} s `);
  }
}

function* compute(): Coroutine<void> {
  createTask(clock);
  yield* sleep(40);
  worstMs = 0;
  const digest = hash('text', 3);
  yield* sleep(40);
  LOG.info(`hash on the loop: ${digest}; the clock stood still for a moment: ${worstMs > 20}`);
}

async function main(): Promise<void> {
  createTask(clock);
  await toThread(work.hash, '', 0);
  ticks = 0;
  const digest = await toThread(work.hash, 'text', 3);
  LOG.info(`hash in a thread: ${digest}; the clock went on: ${ticks > 2}`);
  const portal = exposeLoop(loop, {
    functions: {
      progress: (name: string, round: number) => LOG.info(`${name} has done round ${round}`),
      async answer(question: string) {
        await sleep(200);
        return `'${question}' has an answer`;
      },
    },
  });
  const executor = new WorkerExecutor({ maxWorkers: 2 });
  const asking = portal.ticket();
  LOG.info((await executor.submit(work.ask(asking), { transfer: [asking.port] })).join(', then '));
  const works = ['Ann', 'Bob'].map((name) => {
    const ticket = portal.ticket();
    return executor.submit(work.hashOn(ticket, name), { transfer: [ticket.port] });
  });
  try {
    LOG.info('two threads compute on and on; Ctrl-C ends them');
    await Promise.all(works);
  } finally {
    await executor.shutdown();
    LOG.info(`cancelled: ${works.every((one) => one.cancelled())}, threads left: ${executor.workers}`);
  }
}

await run(compute(), { debug: true });
try {
  await run(main);
} catch (error) {
  if (!isKeyboardInterrupt(error)) throw error;
  LOG.info('ended by Ctrl-C');
}
loop.close();
