import type * as asyncio from 'aiokit';
import { LOG } from '../../log.ts';

export function* operationsub(event: asyncio.Event): asyncio.Coroutine<void> {
  LOG.info('start operationsub');
  LOG.info('operationsub10');
  yield* event.wait();
  LOG.info('operationsub11');
}
