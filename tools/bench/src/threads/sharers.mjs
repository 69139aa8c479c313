/** A thread that puts into a queue in shared memory, or takes a lock there: ours, or bare. It is told how often. */
import { parentPort, workerData } from 'node:worker_threads';
import { SharedLock, SharedQueue } from '@aiokit/threadsafe/shared';
import { add } from '../checksum.mjs';
import { BareRing } from './bare-ring.mjs';

const { queue, lock, ring } = workerData;
const ours = queue && SharedQueue.from(queue);
const bare = ring && new BareRing(ring);
const held = lock && SharedLock.from(lock);
const word = new Int32Array(new SharedArrayBuffer(4));

const item = new Uint8Array(32);
const view = new DataView(item.buffer);
const puts = { aiokit: () => ours.putSync(item), native: () => bare.put(item) };
const holds = {
  aiokit: () => held.acquireSync().release(),
  native: () => {
    Atomics.compareExchange(word, 0, 0, 1);
    Atomics.compareExchange(word, 0, 1, 0);
  },
};

parentPort.on('message', ({ who, how, n }) => {
  if (how === 'put') {
    for (let value = 0; value < n; value++) {
      view.setInt32(0, value);
      puts[who]();
    }
    return;
  }
  let sum = 0;
  for (let value = 0; value < n; value++) {
    holds[who]();
    sum = add(sum, value);
  }
  parentPort.postMessage(sum);
});
