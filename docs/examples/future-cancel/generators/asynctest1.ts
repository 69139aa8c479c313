import * as asyncio from 'aiokit';
import { LOG } from '../../log.ts';

export function* operationsub(future: asyncio.Future<string>): asyncio.Coroutine<void> {
  LOG.info('start operationsub');
  LOG.info('operationsub10');
  yield* asyncio.sleep(1000);
  LOG.info('operationsub11');
  if (!future.cancelled()) future.setResult('operation is done!');
}
