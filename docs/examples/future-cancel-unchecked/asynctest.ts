// A result is set on a cancelled future, without that check, and nobody looks at the error.
// Look at: the report at the end. operationsub's outcome is an InvalidStateError that nobody retrieved, so it is
// reported when the loop is closed, with the traceback that leads to the line in asynctest1.ts.
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
  const outcome = operationsub(loop, future);
  LOG.info('operation1');
  loop.callLater(200, operation2, loop, future, outcome);
}

function operation2(loop: HostLoop, future: Future<string>, outcome: Future<void>): void {
  future.cancel();
  LOG.info('operation2');
  loop.callLater(3000, operation3, loop, outcome);
}

function operation3(loop: HostLoop, _outcome: Future<void>): void {
  LOG.info('operation3'); // and no look at the outcome, such as _outcome.exception()
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
