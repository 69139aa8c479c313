// A task fails, and nobody asks for its outcome.
// Look at: the report, with the traceback to the line in bug(). It comes when the loop is closed, at the latest.
import * as asyncio from 'aiokit';
import { LOG } from '../log.ts';

const bug = asyncio.coroutine(function* bug(): asyncio.Coroutine<void> {
  throw new Error('not consumed');
});

const loop = asyncio.getEventLoop();
asyncio.ensureFuture(bug());
loop.callLater(100, () => loop.stop());
await loop.runForever();
LOG.info('closing the loop');
loop.close();
