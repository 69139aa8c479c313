/** Programs of threads and processes, compiled from `fixtures/`, and how the tests talk to them. */
import { once } from 'node:events';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { LoopTicket } from '@aiokit/threadsafe';
import { build, type BuildOptions } from 'esbuild';
import type { Command } from './fixtures/caller.js';

const folder = join(import.meta.dirname, 'fixtures');
const dist = (import.meta as { env?: { MODE?: string } }).env?.MODE === 'dist';

/** Compiles a program with all that it imports; gives its path. */
export async function compileFixture(name: string, options: BuildOptions = {}): Promise<string> {
  const outfile = join(folder, 'dist', `${name}-${process.pid}-${dist ? 'dist' : 'src'}.mjs`);
  await build({
    entryPoints: [join(folder, `${name}.ts`)],
    outfile,
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    conditions: dist ? [] : ['@aiokit/source'],
    logLevel: 'silent',
    ...options,
  });
  return outfile;
}

/** A thread that calls into a loop as it is told. */
export class Caller {
  readonly worker: Worker;

  constructor(program: string, ticket: LoopTicket, options: object = {}) {
    this.worker = new Worker(program, {
      workerData: { ticket, ...options },
      transferList: [ticket.port as never],
    });
  }

  /** Has it obey, and gives the outcome of each command; what was thrown as `{ threw }`. */
  async obey(...commands: Command[]): Promise<unknown[]> {
    this.tell(...commands);
    const [outcomes] = (await once(this.worker, 'message')) as [unknown[]];
    return outcomes;
  }

  /** Has it obey, and does not wait. */
  tell(...commands: Command[]): void {
    this.worker.postMessage(commands);
  }

  async end(): Promise<void> {
    await this.worker.terminate();
  }
}

/** Lets the host's events pass until something is so. */
export async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise(setImmediate);
}
