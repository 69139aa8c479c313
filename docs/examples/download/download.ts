// A download is cancelled half-way.
// Look at: the cancellation reaches the download where it waits for the next piece. It cleans up, with waits in its
// `finally`, and is over when the half of a file is gone. The server sees that the client has left.
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, open, rm } from 'node:fs/promises';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as asyncio from 'aiokit';
import { LOG } from '../log.ts';

const PIECE = Buffer.alloc(50_000);
const PIECES = 10;

/** Sends half of what it promises, a piece every tenth of a second; then it is slow. */
async function serve(response: ServerResponse): Promise<void> {
  response.once('close', () => LOG.info('server: the client has left'));
  response.writeHead(200, { 'content-length': PIECES * PIECE.length });
  for (let piece = 0; piece < PIECES / 2; piece++) {
    response.write(PIECE);
    await asyncio.sleep(100);
  }
}

/** Nobody passes a signal to it: the task that it is a part of has one. */
async function download(url: string, path: string, progress: (share: number) => void): Promise<void> {
  LOG.info('the download begins');
  const file = await open(path, 'w');
  let received = 0;
  let size = Infinity;
  try {
    const response = await fetch(url, { signal: asyncio.currentTask()?.signal ?? null });
    size = Number(response.headers.get('content-length'));
    for await (const piece of response.body ?? []) {
      await file.write(piece);
      received += piece.length;
      progress(received / size);
    }
  } finally {
    await file.close();
    if (received < size) {
      LOG.info('cleaning up');
      await rm(path);
      await asyncio.sleep(200);
      LOG.info('the partial file is removed');
    }
  }
}

async function main(): Promise<void> {
  const server = createServer((_, response) => void serve(response)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  const folder = await mkdtemp(join(tmpdir(), 'aiokit-'));
  const path = join(folder, 'download.bin');

  const half = new asyncio.Future<void>();
  const progress = (share: number) => {
    LOG.info(`received ${Math.round(share * 100)} %`);
    if (share >= 0.5 && !half.done()) half.setResult();
  };
  const task = asyncio.createTask(() => download(url, path, progress), { name: 'download' });
  await half;
  LOG.info('cancelling the download');
  task.cancel();
  try {
    await task;
  } catch (error) {
    if (!asyncio.isCancelledError(error)) throw error;
    LOG.info(`cancelled: ${String(task)}`);
  }
  LOG.info(`is there a file? ${existsSync(path) ? 'yes' : 'no'}`);
  await rm(folder, { recursive: true });
  server.close();
  server.closeAllConnections();
}

await asyncio.run(main);
