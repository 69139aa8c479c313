// Four workers take jobs out of a queue that holds five; then Ctrl-C.
// Look at: the producer waits while the queue is full. Ctrl-C ends the producer where it waits, and no job is lost: the
// workers finish what is in the queue, and end with it. As many jobs are done as were put.
import * as asyncio from 'aiokit';
import { LOG } from '../log.ts';

const JOBS = 100;
const WORKERS = ['Ann', 'Bob', 'Cid', 'Dan'];
const queue = new asyncio.Queue<number>(5);
let put = 0;
let done = 0;

async function produce(): Promise<void> {
  for (let job = 1; job <= JOBS; job++) {
    await queue.put(job);
    put++;
  }
}

async function work(): Promise<void> {
  for await (const job of queue) {
    await asyncio.sleep(80 + ((job * 37) % 80));
    done++;
  }
}

/** A line that is written again and again, where a terminal shows it. */
async function showProgress(): Promise<void> {
  const terminal = process.stdout.isTTY;
  try {
    while (true) {
      const line = `[${'#'.repeat(queue.qsize()).padEnd(5)}] put ${put}, done ${done}`;
      if (terminal) process.stdout.write(`\r${line} `);
      else LOG.info(line);
      await asyncio.sleep(terminal ? 50 : 500);
    }
  } finally {
    if (terminal) process.stdout.write('\n');
  }
}

/** Makes the jobs, and sees to it that they are done: also if it is cancelled, and also if that is while it waits for them. */
async function runPool(): Promise<void> {
  const workers = asyncio.gather(WORKERS.map((name) => asyncio.createTask(work, { name })));
  try {
    await produce();
    queue.shutdown();
    await asyncio.shield(workers);
  } finally {
    queue.shutdown();
    await workers;
  }
}

async function main(): Promise<void> {
  const progress = asyncio.createTask(showProgress, { name: 'progress' });
  try {
    await runPool();
  } finally {
    progress.cancel();
    await asyncio.wait([progress]);
    LOG.info(`put ${put}, done ${done}, left ${queue.qsize()}`);
  }
}

try {
  await asyncio.run(main);
} catch (error) {
  if (!asyncio.isKeyboardInterrupt(error)) throw error;
  LOG.info('ended by Ctrl-C');
}
