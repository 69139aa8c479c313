// A task passes data to another one through a queue.
// Look at: each list is got in the instant in which it is put. The one that begins with "stop" ends operationsub, three
// seconds before "operation4".
import * as asyncio from 'aiokit';
import { LOG } from '../../log.ts';
import { operationsub, type QueueData } from './asynctest1.ts';

async function operation(loop: asyncio.HostLoop): Promise<void> {
  const queue = new asyncio.Queue<QueueData>();
  LOG.info('start operation');
  asyncio.ensureFuture(() => operationsub(queue));
  LOG.info('operation1');
  await asyncio.sleep(200);
  queue.putNowait(['start', 1, 2, 3]);
  LOG.info('operation2');
  await asyncio.sleep(200);
  queue.putNowait(['next', 4, 5, 6]);
  LOG.info('operation3');
  await asyncio.sleep(200);
  queue.putNowait(['stop', 7, 8, 9]);
  await asyncio.sleep(3000);
  LOG.info('operation4');
  loop.stop();
}

LOG.info('start');
const loop = asyncio.getEventLoop();
LOG.info('enabling debugging');
loop.slowCallbackDurationMs = 1;
LOG.info('entering event loop');
asyncio.ensureFuture(() => operation(loop));
await loop.runForever();
loop.close();
