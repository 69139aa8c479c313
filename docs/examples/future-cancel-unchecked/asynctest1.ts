import { Future } from '@aiokit/future';
import type { EventLoop } from '@aiokit/loop-core';
import { LOG } from '../log.ts';

/** Starts the operation; the future that is returned tells how it ended, as a task would. */
export function operationsub(loop: EventLoop, future: Future<string>): Future<void> {
  const outcome = new Future<void>({ loop });
  loop.callSoon(operationsub10, loop, future, outcome);
  return outcome;
}

function operationsub10(loop: EventLoop, future: Future<string>, outcome: Future<void>): void {
  LOG.info('start operationsub');
  LOG.info('operationsub10');
  loop.callLater(1000, operationsub11, future, outcome);
}

function operationsub11(future: Future<string>, outcome: Future<void>): void {
  LOG.info('operationsub11');
  try {
    future.setResult('operation is done!');
    outcome.setResult();
  } catch (error) {
    outcome.setException(error);
  }
}
