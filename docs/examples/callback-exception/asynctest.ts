// A result is set on a cancelled future, without that check, in a callback whose outcome nobody can ask for.
// Look at: the report comes at once, right after "operationsub11". The loop goes on, and "operation3" comes as ever.
import { Future } from '@aiokit/future';
import { getEventLoop, type HostLoop } from '@aiokit/loop-core';
import { LOG } from '../log.ts';
import { operationsub } from './asynctest1.ts';

function stopOperation(future: Future<string>): void {
  LOG.info('stop_operation');
  if (!future.cancelled()) LOG.info(future.result());
}

function operation(loop: HostLoop): void {
  const future = new Future<string>();
  future.addDoneCallback(stopOperation);
  LOG.info('start operation');
  loop.callSoon(operationsub, loop, future);
  LOG.info('operation1');
  loop.callLater(200, operation2, loop, future);
}

function operation2(loop: HostLoop, future: Future<string>): void {
  future.cancel();
  LOG.info('operation2');
  loop.callLater(3000, operation3, loop);
}

function operation3(loop: HostLoop): void {
  LOG.info('operation3');
  loop.stop();
}

LOG.info('start');
const loop = getEventLoop();
LOG.info('enabling debugging');
loop.slowCallbackDurationMs = 1;
LOG.info('entering event loop');
loop.callSoon(operation, loop);
await loop.runForever();
loop.close();
