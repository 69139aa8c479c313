import * as asyncio from 'aiokit';
import { LOG } from '../../log.ts';

export async function operationsub(future: asyncio.Future<string>): Promise<void> {
  LOG.info('start operationsub');
  LOG.info('operationsub10');
  await asyncio.sleep(1000);
  LOG.info('operationsub11');
  if (!future.cancelled()) future.setResult('operation is done!');
}
