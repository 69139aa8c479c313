// Three workers, a queue, and a lock that one of them holds for long: who waits for whom, and when.
// Look at: the tree while they wait, and the trace file: open it at ui.perfetto.dev or in the Performance panel of DevTools.
import '@aiokit/debug';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pstree, recordTrace } from '@aiokit/debug';
import { Queue } from '@aiokit/queue';
import { Lock } from '@aiokit/sync-primitives';
import { run, sleep, TaskGroup } from '@aiokit/task';
import { LOG } from '../log.ts';

async function main() {
  const jobs = new Queue<number>();
  const file = new Lock();
  const worker = async () => {
    for await (const job of jobs) {
      await file.with(() => sleep(job));
      const end = performance.now() + job / 10;
      while (performance.now() < end);
    }
  };
  await new TaskGroup().run(async (group) => {
    for (const name of ['red', 'green', 'blue']) group.createTask(worker, { name });
    for (const job of [100, 30, 60, 600, 20]) await jobs.put(job);
    jobs.shutdown();
    await sleep(50);
    console.log(pstree());
  });
}

const recorder = recordTrace();
await run(main, { debug: true });
const trace = recorder.stop();
const path = join(mkdtempSync(join(tmpdir(), 'aiokit-')), 'trace.json');
writeFileSync(path, JSON.stringify(trace));
LOG.info(`${trace.traceEvents.length} events are in ${path}`);
