// Three steps are made tasks, and nobody waits for them.
// Look at: the file is closed before it is written to, and never created. When the loop is closed, create() is still
// asleep, which is reported as "Task was destroyed but it is pending!".
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
  asyncio.ensureFuture(create);
  asyncio.ensureFuture(write);
  asyncio.ensureFuture(close);
  await asyncio.sleep(2000);
  loop.stop();
}

const loop = asyncio.getEventLoop();
LOG.info('start');
asyncio.ensureFuture(test);
await loop.runForever();
LOG.info(`Pending tasks at exit: ${repr(asyncio.allTasks(loop))}`);
loop.close();
