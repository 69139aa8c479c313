// A future calls back when its result is there.
// Look at: "operation is done!" is logged by a callback of the future, in the same instant in which "operationsub11"
// sets the result. Meanwhile operation goes its own way: "operation2" comes first.
import { Future } from '@aiokit/future';
import { getEventLoop, type HostLoop } from '@aiokit/loop-core';
import { LOG } from '../../log.ts';
import { operationsub } from './asynctest1.ts';

function stopOperation(future: Future<string>): void {
  LOG.info(future.result());
}

function operation(loop: HostLoop): void {
  const future = new Future<string>();
  future.addDoneCallback(stopOperation);
  LOG.info('start operation');
  loop.callSoon(operationsub, loop, future);
  LOG.info('operation1');
  loop.callLater(200, operation2, loop);
}

function operation2(loop: HostLoop): void {
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

// Debug mode itself: loop.setDebug(true);
// Makes the threshold for slow callbacks very small for illustration. The default is 100 milliseconds.
loop.slowCallbackDurationMs = 1;

LOG.info('entering event loop');
loop.callSoon(operation, loop);
await loop.runForever();
loop.close();
