/** The floor: bare messages, and a bare wait for one. */
import { MessageChannel, Worker } from 'node:worker_threads';
import { add } from '../checksum.mjs';
import { poolWorkloads } from './pools.mjs';

const rows = poolWorkloads(() => {
  const worker = new Worker(new URL('./native-work.mjs', import.meta.url));
  const waiting = [];
  worker.on('message', (value) => waiting.shift()(value));
  const call = (value) =>
    new Promise((resolve) => {
      waiting.push(resolve);
      worker.postMessage(value);
    });
  return { call, end: () => worker.terminate() };
});

function prepare() {
  const { port1, port2 } = new MessageChannel();
  const words = new Int32Array(new SharedArrayBuffer(4));
  const worker = new Worker(new URL('./callers.mjs', import.meta.url), {
    execArgv: [],
    workerData: { port: port2, words },
    transferList: [port2],
  });
  return { worker, words, port: port1 };
}

async function cleanup({ port, worker }) {
  port.close();
  await worker.terminate();
}

export const threadWorkloads = {
  ...rows,
  'thread-round-trip': {
    prepare,
    run: (n, { worker, words, port }) =>
      new Promise((resolve) => {
        port.on('message', (value) => {
          port.postMessage(value);
          Atomics.add(words, 0, 1);
          Atomics.notify(words, 0);
        });
        worker.once('message', resolve);
        worker.postMessage({ who: 'native', how: 'call', n });
      }),
    cleanup,
  },
  'thread-burst': {
    prepare,
    run: (n, { worker, port }) =>
      new Promise((resolve) => {
        let sum = 0;
        let count = 0;
        port.on('message', (value) => {
          sum = add(sum, value);
          if (++count === n) resolve(sum);
        });
        worker.postMessage({ who: 'native', how: 'burst', n });
      }),
    cleanup,
  },
};
