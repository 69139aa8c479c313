// Work for a future that was cancelled is not even begun.
// Look at: the second request is cancelled before its task has run, so nothing is computed for it.
import * as asyncio from 'aiokit';
import { LOG } from '../log.ts';

const slowOperation = asyncio.coroutine(function* slowOperation(
  name: string,
  fut: asyncio.Future<string>,
): asyncio.Coroutine<void> {
  if (fut.cancelled()) {
    LOG.info(`${name}: cancelled already, nothing to do`);
    return;
  }
  LOG.info(`${name}: slow computation`);
  yield* asyncio.sleep(300);
  LOG.info(`${name}: ${yield* fut}`);
});

const main = asyncio.coroutine(function* main(): asyncio.Coroutine<void> {
  const one = new asyncio.Future<string>();
  const two = new asyncio.Future<string>();
  const operations = [
    asyncio.ensureFuture(slowOperation('one', one)),
    asyncio.ensureFuture(slowOperation('two', two)),
  ];
  LOG.info('cancelling two');
  two.cancel();
  yield* asyncio.sleep(100);
  if (!one.cancelled()) one.setResult('done');
  yield* asyncio.gather(operations);
});

const loop = asyncio.getEventLoop();
await loop.runUntilComplete(main());
loop.close();
