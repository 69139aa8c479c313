/** Our bare scheduler, which futures and primitives pull in when nobody made a loop. */
import { HostScheduler, realm } from '@aiokit/loop-core';
import { futureWorkloads } from '../aiokit-futures.mjs';
import { lockWorkloads } from '../locks/aiokit.mjs';
import { taskWorkloads } from '../tasks/aiokit.mjs';

const newLoop = () => new HostScheduler();
const useLoop = () => (realm.loop ??= newLoop());

export default {
  label: 'aiokit, no loop made',
  workloads: {
    ...futureWorkloads(useLoop, newLoop),
    ...lockWorkloads(useLoop),
    ...taskWorkloads(useLoop),
  },
};
