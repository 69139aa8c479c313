import * as asyncio from 'aiokit';
import { LOG, repr } from '../../log.ts';

export type QueueData = readonly [string, ...number[]];

export async function operationsub(queue: asyncio.Queue<QueueData>): Promise<void> {
  LOG.info('start operationsub');
  LOG.info('operationsub10');
  while (true) {
    if (!queue.empty()) {
      const queuedata = await queue.get();
      LOG.info(`queuedata:${repr(queuedata)}`);
      if (queuedata[0] === 'stop') break;
    }
    await asyncio.sleep(200);
  }
  LOG.info('operationsub11');
}
