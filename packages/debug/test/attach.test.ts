/** Attaching to programs that run, from outside: what is answered, and who is refused. */
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  writeFileSync,
} from 'node:fs';
import { createConnection } from 'node:net';
import { join } from 'node:path';
import { allowAttach } from '@aiokit/debug';
import { afterAll, afterEach, beforeEach, expect, onTestFinished, test, vi } from 'vitest';
import { attachPaths } from '../src/internal/attach-files.js';
import { attach, type Client } from '../src/internal/cli-client.js';
import { Programs, type Running } from './programs.js';
import { hop } from '../../loop-core/test/watched-loops.js';

const programs = new Programs();
const { TMPDIR } = process.env;
const clients: Client[] = [];

beforeEach(() => {
  process.env['TMPDIR'] = mkdtempSync(join(programs.folder, 'tmp-'));
});
afterEach(() => {
  for (const client of clients.splice(0)) client.close();
});
afterAll(() => {
  if (TMPDIR === undefined) delete process.env['TMPDIR'];
  else process.env['TMPDIR'] = TMPDIR;
  programs.clear();
});

let count = 0;
const start = (code = '', options: { args?: string[]; env?: NodeJS.ProcessEnv } = {}): Running =>
  programs.start(
    `attached-${++count}`,
    `
    import '@aiokit/debug/register';
    import { existsSync } from 'node:fs';
    import { createTask, run, sleep } from '@aiokit/task';
    import { Lock } from '@aiokit/sync-primitives';
    const file = process.env.AIOKIT_TEST_STOP;
    const lock = new Lock();
    ${code}
    await run(async () => {
      const tasks = [
        createTask(async () => { using permit = await lock.acquire(); await sleep(1e6); }, { name: 'holder' }),
        createTask(async () => { await sleep(1); await lock.acquire(); }, { name: 'waiter' }),
      ];
      await sleep(5);
      console.log('ready');
      while (!existsSync(file)) await sleep(5);
      for (const task of tasks) task.cancel();
    });
    console.log('over');
  `,
    // How long a step takes here is no matter of the program.
    { ...options, env: { AIOKIT_WARNINGS: 'ignore', ...options.env } },
  );
const stop = () => programs.stop(`attached-${count}`);
const pidOf = ({ child }: Running) => child.pid as number;

async function attached({ child }: Running): Promise<Client> {
  const client = await attach(child.pid as number, 10_000);
  clients.push(client);
  return client;
}

const modeOf = (path: string) => (lstatSync(path).mode & 0o777).toString(8);

test('DEBUG-14.1 nothing listens before it is asked; then a socket of the user’s alone does, until the program ends', async () => {
  const program = start();
  await program.until(/ready/);
  const { folder, socket, token } = attachPaths(pidOf(program));
  expect(existsSync(folder)).toBe(false);
  const client = await attached(program);
  expect([folder, socket, token].map(modeOf)).toEqual(['700', '600', '600']);
  expect(await client.ask({ ask: 'pstree' })).toMatch(
    /\(T\) holder {2}waits for <Sleep pending> [^]*\(T\) waiter {2}waits for <Lock locked waiters=1> {2}held by holder/,
  );
  const tasks = (await client.ask({ ask: 'ps' })) as { name: string; heldBy: string[] }[];
  expect(tasks.map(({ name }) => name)).toEqual(['Task-1', 'holder', 'waiter']);
  expect(tasks[2]?.heldBy).toEqual(['holder']);
  expect(await client.ask({ ask: 'nonsense' })).toBeNull();
  stop();
  const { status, printed } = await program.end();
  expect({ status, printed }).toEqual({ status: 0, printed: 'ready\nover\n' });
  await client.closed;
  await expect(client.ask({ ask: 'ps' })).rejects.toThrow('has gone');
  expect(readdirSync(folder)).toEqual([]);
});

test('DEBUG-14.4 a program that has just been started is asked until it listens', async () => {
  const program = start();
  expect(await (await attached(program)).ask({ ask: 'ps' })).toBeInstanceOf(Array);
  await program.until(/ready/);
  stop();
  expect((await program.end()).status).toBe(0);
});

test('DEBUG-14.1 AIOKIT_ATTACH=1 opens it at once, AIOKIT_ATTACH=0 never', async () => {
  const open = start('', { env: { AIOKIT_ATTACH: '1' } });
  await open.until(/ready/);
  expect(await (await attached(open)).ask({ ask: 'ps' })).toHaveLength(3);
  stop();
  await open.end();
  const never = start('', { env: { AIOKIT_ATTACH: '0' } });
  await never.until(/ready/);
  await expect(attach(pidOf(never), 200)).rejects.toThrow('does not answer');
  stop();
  expect((await never.end()).status).toBe(0);
});

test('DEBUG-14.1 { now: true } keeps a socket open that a signal has opened, as long as one who wants it is left', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  onTestFinished(() => void vi.useRealTimers());
  const { socket, token } = attachPaths(process.pid);
  const isOpen = () => existsSync(socket) && existsSync(token);
  const ends = [allowAttach()];
  process.emit('SIGURG');
  process.emit('SIGURG');
  while (!isOpen()) await hop();
  ends.push(allowAttach({ now: true }), allowAttach({ now: true }));
  vi.advanceTimersByTime(20_000);
  expect(isOpen()).toBe(true);
  ends[1]?.();
  ends[1]?.();
  vi.advanceTimersByTime(20_000);
  expect(isOpen()).toBe(true);
  ends[2]?.();
  vi.advanceTimersByTime(9_999);
  expect(isOpen()).toBe(true);
  vi.advanceTimersByTime(1);
  expect(isOpen()).toBe(false);
  process.emit('SIGURG');
  while (!isOpen()) await hop();
  ends[0]?.();
  expect(isOpen()).toBe(false);
});

test('DEBUG-14.2 while somebody watches, busy time and reports are counted', async () => {
  const program = start(`
    createTask(async () => {
      for (;;) {
        await sleep(5);
        const end = performance.now() + 5;
        while (performance.now() < end);
        if (existsSync(file)) break;
      }
    }, { name: 'busy' });
    createTask(async () => {
      while (!existsSync(file)) await sleep(50);
    }, { name: 'idle' });
  `);
  await program.until(/ready/);
  const client = await attached(program);
  interface Told {
    tasks: { name: string; busyMs: number; lints: string[]; id: number }[];
    busyMs: number;
    counts: { waiting: number };
  }
  const look = async (question: object = {}) => (await client.ask({ ask: 'watch', ...question })) as Told;
  const first = await look({ sort: 'name' });
  expect(first.tasks.map(({ name }) => name)).toEqual(['Task-1', 'busy', 'holder', 'idle', 'waiter']);
  expect(first.counts.waiting).toBeGreaterThan(0);
  let told = first;
  while ((told.tasks.find(({ name }) => name === 'busy')?.busyMs ?? 0) < 10) told = await look();
  expect(told.busyMs).toBeGreaterThanOrEqual(10);
  const byBusy = await look({ sort: 'busy' });
  expect(byBusy.tasks[0]?.name).toBe('busy');
  const back = await look({ sort: 'busy', reverse: true, rows: 2 });
  expect(back.tasks).toHaveLength(2);
  expect(back.tasks.map(({ name }) => name)).not.toContain('busy');
  stop();
  expect((await program.end()).status).toBe(0);
});

test('DEBUG-14.1 what a process that was killed has left is removed', async () => {
  const { folder } = attachPaths(1);
  mkdirSync(folder, { mode: 0o700 });
  const left = programs.run(process.execPath, ['-e', '']);
  await left.end();
  const names = [`${pidOf(left)}.sock`, `${pidOf(left)}.token`, `${process.pid}.token`, 'note'];
  for (const name of names) writeFileSync(join(folder, name), '');
  const program = start();
  await program.until(/ready/);
  await attached(program);
  const own = [`${pidOf(program)}.sock`, `${pidOf(program)}.token`];
  expect(readdirSync(folder).sort()).toEqual([...own, `${process.pid}.token`, 'note'].sort());
  stop();
  await program.end();
});

/** Says lines to a program's socket, and returns what it answers until it closes. */
function talk(pid: number, text: string): Promise<string> {
  return new Promise((resolve) => {
    const socket = createConnection(attachPaths(pid).socket);
    let answer = '';
    socket.on('data', (chunk) => {
      answer += chunk.toString();
    });
    // What a refusal does to the connection is no matter; what was answered is.
    socket.on('error', () => {});
    socket.on('close', () => resolve(answer));
    socket.write(text);
  });
}

test('DEBUG-14.3 whoever does not know the token is refused, and others are still answered', async () => {
  const program = start('', { env: { AIOKIT_ATTACH: '1' } });
  await program.until(/ready/);
  const pid = pidOf(program);
  const client = await attached(program);
  const token = readFileSync(attachPaths(pid).token, 'utf8');
  const refused = '{"error":"refused"}\n';
  const lines = [
    `{"token":"${'0'.repeat(64)}"}`,
    `{"token":"${token.slice(1)}"}`,
    `{"token":["${token}"]}`,
    `{"ask":"ps"}`,
    'null',
    'GET / HTTP/1.1',
  ];
  for (const line of lines) {
    expect([line, await talk(pid, `${line}\n{"ask":"ps"}\n`)]).toEqual([line, refused]);
  }
  expect(await talk(pid, 'x'.repeat(5000))).toBe(refused);
  expect(await client.ask({ ask: 'ps' })).toHaveLength(3);
  stop();
  const { status, printed } = await program.end();
  expect({ status, printed }).toEqual({ status: 0, printed: 'ready\nover\n' });
});

test('DEBUG-14.3 a folder that others may use is refused by both sides', async () => {
  const { folder } = attachPaths(1);
  mkdirSync(folder);
  chmodSync(folder, 0o755);
  const program = start('', { env: { AIOKIT_ATTACH: '1' } });
  await program.until(/attach: the socket is not opened: .* is open to others \(mode 755, not 700\)/);
  await program.until(/ready/);
  await expect(attach(pidOf(program), 100)).rejects.toThrow('is open to others');
  expect(readdirSync(folder)).toEqual([]);
  stop();
  expect((await program.end()).status).toBe(0);
});

test('DEBUG-9 a client that hangs, or leaves in the middle, is no matter of the loop', async () => {
  const program = start('', { env: { AIOKIT_ATTACH: '1' } });
  await program.until(/ready/);
  const pid = pidOf(program);
  const client = await attached(program);
  const token = readFileSync(attachPaths(pid).token, 'utf8');
  const ask = '{"ask":"pstree"}\n'.repeat(5000);
  const deaf = createConnection(attachPaths(pid).socket);
  const rude = createConnection(attachPaths(pid).socket);
  for (const socket of [deaf, rude]) socket.on('error', () => {});
  deaf.pause();
  deaf.write(`{"token":"${token}"}\n${ask}`);
  rude.write(`{"token":"${token}"}\n${ask}`);
  rude.once('data', () => rude.destroy());
  expect(await client.ask({ ask: 'ps' })).toHaveLength(3);
  deaf.destroy();
  stop();
  const { status, printed } = await program.end();
  expect({ status, printed }).toEqual({ status: 0, printed: 'ready\nover\n' });
});

test('DEBUG-9 a question that fails is told to whoever asked, and reported once', async () => {
  const program = start(
    `createTask(sleep(1e6), { name: 'odd' }).getName = () => { throw new Error('no name'); };`,
  );
  await program.until(/ready/);
  const client = await attached(program);
  for (let times = 0; times < 3; times++) {
    await expect(client.ask({ ask: 'ps' })).rejects.toThrow('no name');
  }
  expect(program.printed().match(/attach: a question has failed/g)).toHaveLength(1);
  program.child.kill();
  await program.end();
});

test('DEBUG-14.4 a program that knows nothing of it is left alone', async () => {
  const code = `setInterval(() => {}, 1000); console.log('ready')`;
  const program = programs.run(process.execPath, ['-e', code]);
  await program.until(/ready/);
  await expect(attach(pidOf(program), 200)).rejects.toThrow(
    /^process \d+ does not answer\. It is started with node --import @aiokit\/debug\/register/,
  );
  expect(program.child.exitCode).toBeNull();
  expect(program.child.signalCode).toBeNull();
  program.child.kill();
  await program.end();
  await expect(attach(pidOf(program), 200)).rejects.toThrow(/^there is no process \d+$/);
});

test('DEBUG-14.5 it is refused what it does not know, and ended', () => {
  const before = process.listenerCount('SIGURG');
  expect(() => allowAttach({ now: 1 as never })).toThrow('now must be true or false, got 1');
  expect(process.listenerCount('SIGURG')).toBe(before);
  const end = allowAttach();
  end();
  end();
  expect(process.listenerCount('SIGURG')).toBe(before);
});
