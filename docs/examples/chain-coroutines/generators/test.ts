// Three steps are awaited as they are, without tasks.
// Look at: the steps come in order as with awaited tasks, and no task is left at exit.
import * as asyncio from 'aiokit';
import { LOG, repr } from '../../log.ts';

const create = asyncio.coroutine(function* create(): asyncio.Coroutine<void> {
  yield* asyncio.sleep(3000);
  LOG.info('(1) create file');
});

const write = asyncio.coroutine(function* write(): asyncio.Coroutine<void> {
  yield* asyncio.sleep(1000);
  LOG.info('(2) write into file');
});

const close = asyncio.coroutine(function* close(): asyncio.Coroutine<void> {
  LOG.info('(3) close file');
});

const test = asyncio.coroutine(function* test(): asyncio.Coroutine<void> {
  yield* create();
  yield* write();
  yield* close();
  yield* asyncio.sleep(2000);
  loop.stop();
});

const loop = asyncio.getEventLoop();
LOG.info('start');
asyncio.ensureFuture(test());
await loop.runForever();
LOG.info(`Pending tasks at exit: ${repr(asyncio.allTasks(loop))}`);
loop.close();
