// A future calls back when its result is there.
// Look at: "operation is done!" is logged by a callback of the future, in the same instant in which "operationsub11"
// sets the result. Meanwhile operation goes its own way: "operation2" comes first.
import * as asyncio from 'aiokit';
import { LOG } from '../../log.ts';
import { operationsub } from './asynctest1.ts';

function stopOperation(future: asyncio.Future<string>): void {
  LOG.info(future.result());
}

function* operation(loop: asyncio.HostLoop): asyncio.Coroutine<void> {
  const future = new asyncio.Future<string>();
  future.addDoneCallback(stopOperation);
  LOG.info('start operation');
  asyncio.ensureFuture(operationsub(future));
  LOG.info('operation1');
  yield* asyncio.sleep(200);
  LOG.info('operation2');
  yield* asyncio.sleep(3000);
  LOG.info('operation3');
  loop.stop();
}

LOG.info('start');

const loop = asyncio.getEventLoop();

LOG.info('enabling debugging');

// Debug mode itself: loop.setDebug(true);
// Makes the threshold for slow callbacks very small for illustration. The default is 100 milliseconds.
loop.slowCallbackDurationMs = 1;

LOG.info('entering event loop');
asyncio.ensureFuture(operation(loop));
await loop.runForever();
loop.close();
