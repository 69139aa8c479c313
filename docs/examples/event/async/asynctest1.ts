import type * as asyncio from 'aiokit';
import { LOG } from '../../log.ts';

export async function operationsub(event: asyncio.Event): Promise<void> {
  LOG.info('start operationsub');
  LOG.info('operationsub10');
  await event.wait();
  LOG.info('operationsub11');
}
