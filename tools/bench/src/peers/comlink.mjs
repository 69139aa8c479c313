/** comlink, over one thread. */
import { Worker } from 'node:worker_threads';
import { wrap } from 'comlink';
import nodeEndpoint from 'comlink/dist/esm/node-adapter.mjs';
import { poolWorkloads } from '../threads/pools.mjs';

export default {
  label: 'comlink',
  workloads: poolWorkloads(() => {
    const worker = new Worker(new URL('../threads/comlink-work.mjs', import.meta.url));
    const remote = wrap(nodeEndpoint(worker));
    return { call: (value) => remote.echo(value), end: () => worker.terminate() };
  }),
};
