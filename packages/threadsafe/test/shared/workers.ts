/** Real workers that run a program of this folder, bundled from the sources. */
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { buildSync } from 'esbuild';
import type { SharedMemory } from '@aiokit/threadsafe/shared';

const ends = new WeakMap<Worker, Promise<unknown>>();
let code: string | undefined;

/** The program of the workers, as CommonJS. */
const program = (): string =>
  (code ??= buildSync({
    entryPoints: [join(import.meta.dirname, '../fixtures/shared-workers.ts')],
    bundle: true,
    write: false,
    platform: 'node',
    format: 'cjs',
    conditions: ['@aiokit/source'],
  }).outputFiles[0]?.text as string);

/** Starts a worker that runs what the fixture has under a name. */
export function start(memory: SharedMemory, name: string, data: object = {}): Worker {
  const worker = new Worker(program(), { eval: true, workerData: { name, ...data } });
  memory.watch(worker);
  ends.set(worker, new Promise((resolve) => worker.once('exit', resolve)));
  return worker;
}

/** What a worker says next. */
export const said = (worker: Worker): Promise<unknown> =>
  new Promise((resolve, reject) => {
    worker.once('message', resolve);
    worker.once('error', reject);
  });

/** When a worker has ended. */
export const ended = (worker: Worker): Promise<unknown> => ends.get(worker) as Promise<unknown>;
