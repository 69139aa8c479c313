// The second solution: the program runs until the task is done, and catches.
// Look at: "exception consumed", and no report.
import * as asyncio from 'aiokit';
import { LOG } from '../log.ts';

const bug = asyncio.coroutine(function* bug(): asyncio.Coroutine<void> {
  throw new Error('not consumed');
});

const loop = asyncio.getEventLoop();
const task = asyncio.ensureFuture(bug());
try {
  await loop.runUntilComplete(task);
} catch {
  LOG.info('exception consumed');
}
loop.close();
