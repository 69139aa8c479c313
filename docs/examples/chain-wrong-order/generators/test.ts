// Three steps are made tasks, and nobody waits for them.
// Look at: the file is closed before it is written to, and never created. When the loop is closed, create() is still
// asleep, which is reported as "Task was destroyed but it is pending!".
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
  asyncio.ensureFuture(create());
  asyncio.ensureFuture(write());
  asyncio.ensureFuture(close());
  yield* asyncio.sleep(2000);
  loop.stop();
});

const loop = asyncio.getEventLoop();
LOG.info('start');
asyncio.ensureFuture(test());
await loop.runForever();
LOG.info(`Pending tasks at exit: ${repr(asyncio.allTasks(loop))}`);
loop.close();
