// A function blocks the loop for a second and a half: no timer, no I/O, no task goes on.
// Look at: the watchdog's report comes while it lasts, with the function and the line. asyncio says so when it is over.
import '@aiokit/debug';
import { setDebugLimits } from '@aiokit/debug';
import { run, sleep } from '@aiokit/task';
import { LOG } from '../log.ts';

function hash(text: string): number {
  let sum = 0;
  const end = performance.now() + 1500;
  while (performance.now() < end) for (const char of text) sum = (sum * 31 + char.charCodeAt(0)) | 0;
  return sum;
}

async function importAll() {
  LOG.info('the import begins');
  await sleep(100);
  hash('a long text');
  LOG.info('the import is done');
  await sleep(300);
}

setDebugLimits({ blockedMs: 400 });
await run(importAll, { debug: true });
