// A result is set on a cancelled future, without that check, and nobody looks at the error.
// Look at: the report at the end. operationsub's task has failed with an InvalidStateError that nobody retrieved, so it
// is reported when the loop is closed, with the traceback that leads to the line in asynctest1.ts.
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
  const task = asyncio.ensureFuture(operationsub(future));
  LOG.info('operation1');
  yield* asyncio.sleep(200);
  future.cancel();
  LOG.info('operation2');
  yield* asyncio.sleep(3000);
  LOG.info('operation3');
  void task; // and no look at its outcome, such as task.exception()
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
