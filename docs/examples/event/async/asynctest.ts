// A task waits for an event.
// Look at: "operationsub11" follows "operation2" at once. It is there that operation sets the event which operationsub
// waits for.
import * as asyncio from 'aiokit';
import { LOG } from '../../log.ts';
import { operationsub } from './asynctest1.ts';

async function operation(loop: asyncio.HostLoop): Promise<void> {
  const event = new asyncio.Event();
  event.clear();
  LOG.info('start operation');
  asyncio.ensureFuture(() => operationsub(event));
  LOG.info('operation1');
  await asyncio.sleep(200);
  event.set();
  LOG.info('operation2');
  await asyncio.sleep(3000);
  LOG.info('operation3');
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
