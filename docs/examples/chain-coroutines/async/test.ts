// Three steps are awaited as they are, without tasks.
// Look at: the steps come in order as with awaited tasks, and no task is left at exit.
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
  await create();
  await write();
  await close();
  await asyncio.sleep(2000);
  loop.stop();
}

const loop = asyncio.getEventLoop();
LOG.info('start');
asyncio.ensureFuture(test);
await loop.runForever();
LOG.info(`Pending tasks at exit: ${repr(asyncio.allTasks(loop))}`);
loop.close();
