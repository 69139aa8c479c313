import * as asyncio from 'aiokit';
import { LOG, repr } from '../../log.ts';

export type QueueData = readonly [string, ...number[]];

export function* operationsub(queue: asyncio.Queue<QueueData>): asyncio.Coroutine<void> {
  LOG.info('start operationsub');
  LOG.info('operationsub10');
  while (true) {
    if (!queue.empty()) {
      const queuedata = yield* queue.get();
      LOG.info(`queuedata:${repr(queuedata)}`);
      if (queuedata[0] === 'stop') break;
    }
    yield* asyncio.sleep(200);
  }
  LOG.info('operationsub11');
}
