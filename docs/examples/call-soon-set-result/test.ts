// A call of setResult() is scheduled, and the future is cancelled before it is made.
// Look at: the first callback is reported as an exception, and the loop goes on. The second callback asks
// cancelled() first. bind() makes of a method what Python calls a bound one.
import * as asyncio from 'aiokit';
import { LOG } from '../log.ts';

const loop = asyncio.getEventLoop();

const fut = new asyncio.Future<string>();
loop.callSoon(fut.setResult.bind(fut), 'done');
fut.cancel();

const other = new asyncio.Future<string>();
loop.callSoon(setUnlessCancelled, other, 'done');
other.cancel();

function setUnlessCancelled(future: asyncio.Future<string>, result: string): void {
  if (!future.cancelled()) future.setResult(result);
  LOG.info(`the other: ${String(future)}`);
}

loop.callSoon(() => loop.stop());
await loop.runForever();
loop.close();
