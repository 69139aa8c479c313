/** Our bare scheduler, which futures and primitives pull in when nobody made a loop. */
import { HostScheduler, realm } from '@aiokit/loop-core';
import { futureWorkloads } from '../aiokit-futures.mjs';

const newLoop = () => new HostScheduler();

export default {
  label: 'aiokit, no loop made',
  workloads: futureWorkloads(() => (realm.loop ??= newLoop()), newLoop),
};
