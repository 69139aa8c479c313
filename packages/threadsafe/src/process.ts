/** Work in other processes of Node. They share no memory: a cancellation reaches them when they wait for something. */
import { RuntimeError } from '@aiokit/loop-core';
import { completeOptions, type PoolOptions } from './internal/pool-options.js';
import { Pool } from './internal/pool.js';
import type { WorkerHandle, WorkerListener } from './internal/worker-handle.js';
import { WORKER_SOURCE } from './internal/worker-source.js';

/** What a `ProcessExecutor` is made with. */
export interface ProcessExecutorOptions extends PoolOptions {
  /** Arguments for Node itself; those of this process if absent. */
  readonly execArgv?: readonly string[] | undefined;
  /** The environment; that of this process if absent. */
  readonly env?: Readonly<Record<string, string | undefined>> | undefined;
}

interface ChildProcess {
  readonly connected: boolean;
  send(message: unknown, callback: (error: Error | null) => void): boolean;
  on(event: string, listener: (value: unknown, signal?: unknown) => void): void;
  kill(signal: string): void;
  ref?(): void;
  unref?(): void;
  readonly channel?: { ref?(): void; unref?(): void } | null;
}
interface ChildProcesses {
  fork(source: string, args: string[], options: object): ChildProcess;
}
interface HostProcess {
  readonly execArgv: readonly string[];
  getBuiltinModule?(id: string): unknown;
}

const { process: host } = globalThis as unknown as { process?: HostProcess };

const childProcesses = (): ChildProcesses | undefined =>
  host?.getBuiltinModule?.('child_process') as ChildProcesses | undefined;

function startProcess({ execArgv, env }: ProcessExecutorOptions, listener: WorkerListener): WorkerHandle {
  const children = childProcesses() as ChildProcesses;
  const child = children.fork(WORKER_SOURCE, [], {
    execArgv: [...(execArgv ?? host?.execArgv ?? []), '--eval'],
    env,
    serialization: 'advanced',
  });
  let error: unknown;
  let over = false;
  const end = (why: unknown) => {
    if (!over) listener.ended(error ?? why);
    over = true;
  };
  child.on('message', (message) => listener.message(message));
  child.on('error', (thrown) => {
    error = thrown;
    if ((thrown as { syscall?: string }).syscall?.startsWith('spawn')) end(thrown);
  });
  child.on('exit', (code, signal) => {
    end(
      new Error(
        `the process has ended ${signal ? `by ${String(signal)}` : `with exit code ${String(code)}`}`,
      ),
    );
  });
  return {
    shares: false,
    // What cannot be sent to a process that has ended is told by its end.
    post: (message) => void (child.connected && child.send(message, () => {})),
    terminate: () => child.kill('SIGKILL'),
    keep: (alive) => {
      for (const one of [child, child.channel])
        if (alive) one?.ref?.();
        else one?.unref?.();
    },
  };
}

/**
 * Runs works in other processes of Node, and keeps them for more.
 *
 * As `WorkerExecutor`, for work that must not share this process: native code that may crash, memory that must be limited
 * from outside. Nothing can be transferred, and `checkCancelled()` notices a cancellation only after a wait.
 *
 * @source THREAD-8 · CPython `concurrent.futures.ProcessPoolExecutor`
 */
export class ProcessExecutor extends Pool {
  /**
   * @param options how many processes, how long they live, how many works may wait
   * @throws TypeError or RangeError naming the option; RuntimeError (`NO_PROCESSES`) where there are none
   */
  constructor(options: ProcessExecutorOptions = {}) {
    const complete = completeOptions(options);
    // Deno's child cannot load the modules of works.
    if (!childProcesses() || 'Deno' in globalThis) {
      throw new RuntimeError('this host runs no works in processes', { code: 'NO_PROCESSES' });
    }
    super((listener) => startProcess(options, listener), complete);
  }
}
