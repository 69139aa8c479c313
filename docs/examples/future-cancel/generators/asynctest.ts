// A future is cancelled before its result is there.
// Look at: "stop_operation" follows "operation2" at once, since cancelling a future calls its callbacks too. "operation
// is done!" never comes: operationsub asks future.cancelled() before it sets the result.
import * as asyncio from 'aiokit';
import { LOG } from '../../log.ts';
import { operationsub } from './asynctest1.ts';

function stopOperation(future: asyncio.Future<string>): void {
  LOG.info('stop_operation');
  if (!future.cancelled()) LOG.info(future.result());
}

function* operation(loop: asyncio.HostLoop): asyncio.Coroutine<void> {
  const future = new asyncio.Future<string>();
  future.addDoneCallback(stopOperation);
  LOG.info('start operation');
  asyncio.ensureFuture(operationsub(future));
  LOG.info('operation1');
  yield* asyncio.sleep(200);
  future.cancel();
  LOG.info('operation2');
  yield* asyncio.sleep(3000);
  LOG.info('operation3');
  loop.stop();
}

LOG.info('start');
const loop = asyncio.getEventLoop();
LOG.info('enabling debugging');
loop.slowCallbackDurationMs = 1;
LOG.info('entering event loop');
asyncio.ensureFuture(operation(loop));
await loop.runForever();
loop.close();
