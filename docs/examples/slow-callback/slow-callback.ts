// The tutorial's setting: a step is slow from one millisecond on. First with debug off, then on.
// Look at: nothing is said at first; then each slow step with the task and the line at which it stopped.
import '@aiokit/debug';
import { getEventLoop } from '@aiokit/loop-core';
import { run, sleep } from '@aiokit/task';
import { LOG } from '../log.ts';

function compute(ms: number): void {
  const end = performance.now() + ms;
  while (performance.now() < end);
}

async function operation() {
  await sleep(10);
  compute(20); // slow
  await sleep(10);
  compute(40); // slower
  await sleep(10);
}

for (const debug of [false, true]) {
  LOG.info(`debug mode is ${debug ? 'on' : 'off'}`);
  getEventLoop().slowCallbackDurationMs = 1;
  await run(operation, { debug });
  getEventLoop().close();
}
