// The mistakes of the developing page, each as it is, then in debug mode, beside what asyncio prints.
// Look at: what nobody said before, and the lines at which it is said to be. asyncio is that of CPython 3.13.
import '@aiokit/debug';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { type AddressInfo, createServer, Socket } from 'node:net';
import { join } from 'node:path';
import { type TrackedResource, trackResource } from '@aiokit/debug';
import { Future } from '@aiokit/future';
import { getEventLoop } from '@aiokit/loop-core';
import { Lock } from '@aiokit/sync-primitives';
import { type Coroutine, coroutine, createTask, ensureFuture, gather, sleep } from '@aiokit/task';
import '../log.ts';

const test = coroutine(function* test(): Coroutine<void> {
  console.log('never scheduled');
});

function* plain(): Coroutine<void> {
  console.log('never run');
}

async function bug() {
  throw new Error('not consumed');
}

const create = coroutine(function* create(): Coroutine<void> {
  yield* sleep(3000);
  console.log('(1) create file');
});

const write = coroutine(function* write(): Coroutine<void> {
  yield* sleep(10);
  console.log('(2) write into file');
});

const close = coroutine(function* close(): Coroutine<void> {
  console.log('(3) close file');
});

function* swap(first: Lock, second: Lock): Coroutine<void> {
  using _ = yield* first.acquire();
  yield* sleep(1);
  using __ = yield* second.acquire();
}

/** A connection as a library wraps it. What closes it must not refer to the wrapper, or that is never collected. */
class Transport {
  readonly socket: Socket;
  readonly #tracked: TrackedResource;

  constructor(socket: Socket) {
    this.socket = socket;
    const name = `transport <Socket ${socket.remoteAddress}>`;
    this.#tracked = trackResource(this, { name, close: () => socket.destroy() });
  }

  close(): void {
    this.socket.destroy();
    this.#tracked.closed();
  }
}

async function connect(port: number): Promise<Transport> {
  const socket = new Socket().connect(port, '127.0.0.1');
  await once(socket, 'connect');
  return new Transport(socket);
}

const MISTAKES: Record<string, () => Promise<void>> = {
  'a coroutine that is never awaited': async () => {
    test();
  },
  'an exception that is never consumed': async () => {
    createTask(bug);
    await sleep(10);
  },
  'coroutines that are not chained': async () => {
    for (const step of [create(), write(), close()]) ensureFuture(step);
    await sleep(20);
  },
  'setResult() of a future that is cancelled': async () => {
    const future = new Future<string>();
    getEventLoop().callSoon(future.setResult.bind(future), 'done');
    future.cancel();
    await sleep(10);
  },
  'a coroutine as a callback': async () => {
    try {
      getEventLoop().callSoon(plain);
      await sleep(10);
    } catch (error) {
      console.log(String(error));
    }
  },
  'a function that blocks': async () => {
    await sleep(10);
    const end = performance.now() + 150;
    while (performance.now() < end);
    await sleep(10);
  },
  'a socket that is not closed': async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    (await connect(port)).close();
    await connect(port);
    server.close();
  },
  'a deadlock': async () => {
    const [one, two] = [new Lock(), new Lock()];
    const tasks = [
      createTask(swap(one, two), { name: 'one-two' }),
      createTask(swap(two, one), { name: 'two-one' }),
    ];
    await sleep(20);
    for (const task of tasks) task.cancel();
    await gather(tasks, { returnExceptions: true });
  },
};

/** What asyncio has printed, by the mistake and the mode. */
const asyncio = readFileSync(join(import.meta.dirname, '../debug-mode/asyncio.txt'), 'utf8');

for (const [name, mistake] of Object.entries(MISTAKES)) {
  for (const debug of [false, true]) {
    console.log(`\n${name}, ${debug ? 'in debug mode' : 'as it is'}:`);
    const loop = getEventLoop();
    loop.setDebug(debug);
    await loop.runUntilComplete(createTask(mistake));
    loop.close();
    const [, told = ''] = asyncio.split(`== ${name}, ${debug ? 'in debug mode' : 'as it is'}\n`);
    const [text = ''] = told.split('\n== ');
    console.log(`asyncio prints:\n${text.trimEnd().replace(/^/gm, '  | ')}`);
  }
}
