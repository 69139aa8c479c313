/** How many workers a pool has, and how long they live. */
import { refuse } from '@aiokit/loop-core';
import type { Work } from '../executor.js';

/** What executors have in common. */
export interface PoolOptions {
  /** Workers that are always there; 0 if absent. */
  readonly minWorkers?: number | undefined;
  /** Workers at most; as many as the machine can run at once if absent. */
  readonly maxWorkers?: number | undefined;
  /** How long a worker beyond the least number may be idle, in milliseconds; 30000 if absent, Infinity for ever. */
  readonly idleMs?: number | undefined;
  /** Works that may wait beyond those that all workers can run; any number if absent. */
  readonly maxQueue?: number | undefined;
  /** How long a work that was cancelled may go on before its worker is ended, in milliseconds; 1000 if absent, Infinity for ever. */
  readonly graceMs?: number | undefined;
  /** Run by each worker before its first work; if it fails, the executor is broken. */
  readonly initializer?: Work<unknown> | undefined;
}

/** The same, with everything filled in. */
export interface CompleteOptions {
  readonly minWorkers: number;
  readonly maxWorkers: number;
  readonly idleMs: number;
  readonly maxQueue: number;
  readonly graceMs: number;
  readonly initializer: Work<unknown> | undefined;
}

interface Host {
  readonly process?: { getBuiltinModule?(id: string): unknown };
  readonly navigator?: { readonly hardwareConcurrency?: number };
}

function processors(): number {
  const { process, navigator } = globalThis as Host;
  const os = process?.getBuiltinModule?.('os') as { availableParallelism?(): number } | undefined;
  return os?.availableParallelism?.() ?? navigator?.hardwareConcurrency ?? 1;
}

function checkCount(value: number, name: string, least: number, integer: boolean): void {
  if (typeof value !== 'number') refuse(name, 'a number', value);
  const fits =
    value >= least && (!integer || Number.isInteger(value) || (name === 'maxQueue' && value === Infinity));
  if (!fits) refuse(name, `${integer ? 'an integer of ' : ''}${least} or more`, value, RangeError);
}

/**
 * The options with what is absent filled in.
 *
 * @throws TypeError or RangeError naming the option
 */
export function completeOptions(options: PoolOptions): CompleteOptions {
  if (typeof options !== 'object' || options === null) refuse('options', 'an object', options);
  const minWorkers = options.minWorkers ?? 0;
  const maxWorkers = options.maxWorkers ?? Math.max(processors(), minWorkers);
  const { idleMs = 30_000, maxQueue = Infinity, graceMs = 1000, initializer } = options;
  checkCount(minWorkers, 'minWorkers', 0, true);
  checkCount(maxWorkers, 'maxWorkers', Math.max(1, minWorkers), true);
  checkCount(idleMs, 'idleMs', 0, false);
  checkCount(maxQueue, 'maxQueue', 0, true);
  checkCount(graceMs, 'graceMs', 0, false);
  return { minWorkers, maxWorkers, idleMs, maxQueue, graceMs, initializer };
}
