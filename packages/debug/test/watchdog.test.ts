/** Blocks as they last, in processes of their own: each blocks until its report was read. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { Programs } from './programs.js';

const programs = new Programs();
afterAll(() => programs.clear());

const begin = `
  import '@aiokit/debug/auto';
  import { setDebugLimits } from '@aiokit/debug';
  import { execFileSync } from 'node:child_process';
  import { existsSync } from 'node:fs';
  import { Worker } from 'node:worker_threads';
  import { createTask, run, sleep } from '@aiokit/task';
  const file = process.env.AIOKIT_TEST_STOP;
  setDebugLimits({ blockedMs: 50 });
`;
const guilty = (block: string) => `${begin}
  const cell = new Int32Array(new SharedArrayBuffer(4));
  function stuck() {
    ${block}
  }
  await run(async () => {
    await createTask(async () => { await sleep(1); stuck(); }, { name: 'guilty' });
    for (let turns = 0; turns < 20; turns++) await sleep(10);
  });
  console.log('goes on');
`;

test.each([
  { name: 'busy', block: 'while (!existsSync(file));' },
  { name: 'microtasks', block: 'while (!existsSync(file)) JSON.stringify(cell);' },
  {
    name: 'atomic',
    block: `new Worker(\`const { existsSync } = require('node:fs');
      const { cell, file } = require('node:worker_threads').workerData;
      const timer = setInterval(() => {
        if (!existsSync(file)) return;
        clearInterval(timer);
        Atomics.store(cell, 0, 1);
        Atomics.notify(cell, 0);
      }, 5);\`, { eval: true, workerData: { cell, file } });
      Atomics.wait(cell, 0, 0);`,
  },
])(
  'DEBUG-11.1 a loop that is blocked ($name) is reported meanwhile, with function and line',
  async ({ name, block }) => {
    const program = programs.start(name, guilty(block));
    const [, line] = await program.until(/blocked for [^]*?stuck \(.*?:(\d+):\d+\)\n/);
    expect(program.printed()).toMatch(
      /^the loop has been blocked for \d\.\d{3} seconds, and still is\nin <Task pending name='guilty' .*>\nIt is stuck at \(most recent call first\):\n +at stuck /,
    );
    programs.stop(name);
    const { status, printed } = await program.end();
    expect(status).toBe(0);
    expect(printed).toMatch(/the loop was blocked for [^]*It was stuck at [^]*goes on\n/);
    const lines = readFileSync(join(programs.folder, `${name}.mjs`), 'utf8').split('\n');
    const first = lines.indexOf('function stuck() {');
    expect(Number(line)).toBeGreaterThan(first + 1);
    expect(Number(line)).toBeLessThanOrEqual(lines.indexOf('}', first));
  },
);

test('DEBUG-11.2 a block in a system call is reported, and its place when it returns', async () => {
  const wait = "execFileSync('sh', ['-c', 'until [ -e \"$0\" ]; do sleep 0.02; done', file]);";
  const program = programs.start('native', guilty(wait));
  await program.until(/blocked for .*still is\nIt runs code of the host/);
  programs.stop('native');
  const { status, printed } = await program.end();
  expect(status).toBe(0);
  expect(printed).toMatch(/the loop was blocked for .*\n.*guilty.*\nIt was stuck at .*\n +at stuck /);
});

test('DEBUG-11.3 where nobody can look into the loop, the task whose step began last is named', async () => {
  const program = programs.start(
    'elsewhere',
    `Object.defineProperty(process.versions, 'bun', { value: '0', configurable: true });${guilty('while (!existsSync(file));')}`,
  );
  await program.until(/still is\nThe last step of a task that began is of task 'guilty', made at .*\n/);
  programs.stop('elsewhere');
  expect((await program.end()).status).toBe(0);
});

test('DEBUG-11.4 nothing is said if an inspector is open', async () => {
  const block = 'const end = performance.now() + 400; while (performance.now() < end);';
  const { printed } = await programs.start('inspected', guilty(block), { args: ['--inspect=0'] }).end();
  expect(printed).toContain('goes on');
  expect(printed).not.toContain('the loop');
});

test('DEBUG-11.4 a filter leaves it out', async () => {
  const block = 'const end = performance.now() + 400; while (performance.now() < end);';
  const env = { AIOKIT_WARNINGS: 'ignore::blocked' };
  const { printed } = await programs.start('filtered', guilty(block), { env }).end();
  expect(printed).toContain('goes on');
  expect(printed).not.toContain('the loop');
});

test('DEBUG-11.4 nothing is said of a page that is hidden, and it is once it is shown', async () => {
  const program = programs.start(
    'hidden',
    `const listeners = [];
    globalThis.document = { hidden: true, addEventListener: (_, listener) => listeners.push(listener) };
    ${guilty(`
      const end = performance.now() + 400;
      while (performance.now() < end);
      document.hidden = false;
      for (const listener of listeners) listener();
      console.log('is shown');
      while (!existsSync(file));
    `)}`,
  );
  await program.until(/still is/);
  programs.stop('hidden');
  expect((await program.end()).printed).toMatch(/^is shown\nthe loop has been blocked /);
});

const count = `
  import threads from 'node:worker_threads';
  const { Worker } = threads;
  let made = 0;
  let ended = 0;
  threads.Worker = class extends Worker {
    constructor(...args) {
      super(...args);
      made++;
    }
    terminate() {
      ended++;
      return super.terminate();
    }
  };
`;

test('DEBUG-11.5 there is a thread only in debug mode and while there is a limit', async () => {
  const { printed } = await programs
    .start(
      'threads',
      `${count}
      import { setDebugLimits } from '@aiokit/debug';
      import { getEventLoop } from '@aiokit/loop-core';
      const loop = getEventLoop();
      const said = [];
      const look = () => said.push(made + '-' + ended);
      setDebugLimits({ blockedMs: 1000 });
      look();
      loop.setDebug(true);
      look();
      setDebugLimits({ blockedMs: 1000, frames: 5 });
      look();
      setDebugLimits({ blockedMs: 2000 });
      look();
      setDebugLimits({ blockedMs: Infinity });
      look();
      loop.setDebug(false);
      look();
      console.log(said.join(' '));
    `,
    )
    .end();
  expect(printed).toBe('0-0 1-0 1-0 2-1 2-2 2-2\n');
});

test('DEBUG-11.5 what is preloaded into the program is not for the thread', async () => {
  const preload = join(programs.folder, 'preload.cjs');
  writeFileSync(preload, "require('node:fs').writeSync(1, 'it has run\\n');");
  const block = guilty('while (!existsSync(file));');
  const program = programs.start('preloaded', block, { args: ['--require', preload] });
  await program.until(/still is/);
  programs.stop('preloaded');
  expect((await program.end()).printed.match(/it has run/g)).toHaveLength(1);
});

test('DEBUG-9 a watchdog that fails is reported once, and the loop goes on', async () => {
  const { status, printed } = await programs
    .start(
      'failing',
      `
      import threads from 'node:worker_threads';
      const { Worker } = threads;
      let broken;
      const failure = new Promise((resolve) => (broken = resolve));
      threads.Worker = class extends Worker {
        constructor() {
          super("throw new Error('broken')", { eval: true });
          this.once('error', broken);
          this.ref();
        }
        unref() {}
      };
      import '@aiokit/debug/auto';
      import { setDebugLimits } from '@aiokit/debug';
      import { run, sleep } from '@aiokit/task';
      setDebugLimits({ blockedMs: 50 });
      await failure;
      setDebugLimits({ blockedMs: 60 });
      await run(async () => void (await sleep(10)));
      console.log('goes on');
    `,
    )
    .end();
  expect(status).toBe(0);
  expect(printed).toBe('the watchdog has ended: Error: broken\ngoes on\n');
});
