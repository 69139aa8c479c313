/** How a whole program is switched to debug mode, from outside and from within: each in a process of its own. */
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, expect, test } from 'vitest';
import { bundleProgram } from '../../../tools/test-setup/bundle-program.js';

const folder = mkdtempSync(join(tmpdir(), 'aiokit-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** What a program prints, as one file with all that it imports. */
async function output(name: string, code: string, env: NodeJS.ProcessEnv = {}): Promise<string> {
  const outfile = join(folder, `${name}.mjs`);
  bundleProgram(code, { resolveDir: import.meta.dirname, outfile });
  const { stdout, stderr } = await promisify(execFile)(process.execPath, [outfile], {
    env: { ...process.env, ...env },
  });
  return `${stdout}${stderr}`;
}

const program = `
  import { getEventLoop } from '@aiokit/loop-core';
  import { run, sleep, createTask } from '@aiokit/task';
  await run(async () => {
    console.log('debug:', getEventLoop().getDebug());
    createTask(() => sleep(0.5));
  });
`;

test.each(['auto', 'register'])('DEBUG-1.2 @aiokit/debug/%s is enough', async (name) => {
  const text = await output(name, `import '@aiokit/debug/${name}';${program}`);
  expect(text).toMatch(/^debug: true\na duration of 0\.5 milliseconds/);
});

test('DEBUG-1.3 AIOKIT_DEBUG=1 is enough where the package is loaded', async () => {
  const text = await output('environment', `import '@aiokit/debug';${program}`, { AIOKIT_DEBUG: '1' });
  expect(text).toMatch(/^debug: true\na duration of 0\.5 milliseconds/);
});

test('DEBUG-1.4 AIOKIT_DEBUG=1 without the package says what to import', async () => {
  const text = await output('alone', program, { AIOKIT_DEBUG: '1' });
  expect(text).toContain('debug: true');
  expect(text).toContain("debug mode has no checks yet: import '@aiokit/debug'");
});

test('DEBUG-1.5 the package alone changes nothing', async () => {
  expect(await output('off', `import '@aiokit/debug';${program}`)).toBe('debug: false\n');
});

test('DEBUG-2.4 what is left when the process ends is reported, with the place', async () => {
  const text = await output(
    'exit',
    `
    import '@aiokit/debug/auto';
    import { Future } from '@aiokit/future';
    import { createTask } from '@aiokit/task';
    import { newEventLoop } from '@aiokit/loop-core';
    const loop = newEventLoop();
    function starts() {
      createTask(async () => { await new Future(); }, { name: 'left' });
    }
    starts();
    setTimeout(() => loop.getDebug(), 5);
  `,
  );
  expect(text).toMatch(/nothing can wake the tasks that are left:\n\(T\) left {2}waits for <Future pending/);
  expect(text).toMatch(
    /Task was destroyed but it is pending!\nsourceTraceback: Object created at .*:\n( +at .*\n)* +at starts /,
  );
  expect(text).toMatch(/unclosed event loop <HostLoop>/);
});

test('DEBUG-2.6 a permit that code of no task never releases is reported when the process has come to its end', async () => {
  const text = (end: string) =>
    output(
      'held',
      `
      import '@aiokit/debug/auto';
      import { Lock } from '@aiokit/sync-primitives';
      const lock = new Lock();
      lock.tryAcquire();
      ${end}
    `,
    );
  expect(await text('')).toMatch(/a permit of <Lock> was never released; code of no task took it at/);
  expect(await text('process.exit();')).toBe('');
  expect(await text('lock.release();')).toBe('');
});
