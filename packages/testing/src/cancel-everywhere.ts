/** The sweep that finds what a cancellation leaks. */
import { check, type ExploreOptions } from './explore.js';
import type { Report } from './report.js';
import type { Program } from './world.js';

/**
 * Runs a program once for each step and task, cancelling the task there, and checks that its invariants hold all the same.
 *
 * Say what must hold with `world.atEnd`: that no permit is missing, that no item is lost. Who waits for a task must be ready
 * for it to be cancelled.
 *
 * @param program as for `explore`
 * @param options a limit of schedules or steps, whether tasks may be left
 * @returns the report, if nothing is wrong
 * @throws ExplorationError (`EXPLORATION`), whose message is the report, if something is wrong
 * @ordering FIFO; every answer of `world.choose()`
 * @cancellation this is it
 * @complexity one run for each step and pending task
 * @source KIT-6 · no CPython counterpart
 */
export async function cancelEverywhere(
  program: Program,
  options: Pick<ExploreOptions, 'schedules' | 'stepLimit' | 'allowLeaks'> = {},
): Promise<Report> {
  return check(program, {
    schedules: Infinity,
    ...options,
    strategy: 'exhaustive',
    preemptions: 0,
    cancellations: 1,
  });
}
