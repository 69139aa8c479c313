// Three steps are made tasks, and each is awaited before the next is made.
// Look at: the steps come in order, and no task is left at exit.
import * as asyncio from 'aiokit';
import { LOG, repr } from '../../log.ts';

async function create(): Promise<void> {
  await asyncio.sleep(3000);
  LOG.info('(1) create file');
}

async function write(): Promise<void> {
  await asyncio.sleep(1000);
  LOG.info('(2) write into file');
}

async function close(): Promise<void> {
  LOG.info('(3) close file');
}

async function test(): Promise<void> {
  await asyncio.ensureFuture(create);
  await asyncio.ensureFuture(write);
  await asyncio.ensureFuture(close);
  await asyncio.sleep(2000);
  loop.stop();
}

const loop = asyncio.getEventLoop();
LOG.info('start');
asyncio.ensureFuture(test);
await loop.runForever();
LOG.info(`Pending tasks at exit: ${repr(asyncio.allTasks(loop))}`);
loop.close();
