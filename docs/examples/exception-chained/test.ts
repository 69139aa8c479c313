// The first solution: another coroutine awaits the one that fails, and catches.
// Look at: "exception consumed", and no report.
import * as asyncio from 'aiokit';
import { LOG } from '../log.ts';

const bug = asyncio.coroutine(function* bug(): asyncio.Coroutine<void> {
  throw new Error('not consumed');
});

const handleException = asyncio.coroutine(function* handleException(): asyncio.Coroutine<void> {
  try {
    yield* bug();
  } catch (error) {
    asyncio.rethrowCancelled(error); // "except Exception" does not catch a cancellation; catch does
    LOG.info('exception consumed');
  }
});

const loop = asyncio.getEventLoop();
asyncio.ensureFuture(handleException());
loop.callLater(100, () => loop.stop());
await loop.runForever();
loop.close();
