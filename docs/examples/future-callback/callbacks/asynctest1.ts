import type { Future } from '@aiokit/future';
import type { EventLoop } from '@aiokit/loop-core';
import { LOG } from '../../log.ts';

export function operationsub(loop: EventLoop, future: Future<string>): void {
  LOG.info('start operationsub');
  LOG.info('operationsub10');
  loop.callLater(1000, operationsub11, future);
}

function operationsub11(future: Future<string>): void {
  LOG.info('operationsub11');
  future.setResult('operation is done!');
}
