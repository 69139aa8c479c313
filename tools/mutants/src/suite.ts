/** What is built with a mutant in it: the scenarios, and the explorer that runs them. */
import { type ExploreOptions, explore, type Report } from '@aiokit/testing';
import { permitScenarios } from './scenarios/permits.js';
import { queueScenarios } from './scenarios/queues.js';
import type { Scenario } from './scenarios/scenario.js';
import { taskScenarios } from './scenarios/tasks.js';
import { waitingScenarios } from './scenarios/waiting.js';

const scenarios: Readonly<Record<string, Scenario>> = {
  ...permitScenarios,
  ...waitingScenarios,
  ...queueScenarios,
  ...taskScenarios,
};

/** The names of the scenarios. */
export const names: readonly string[] = Object.keys(scenarios);

/** Searches the schedules of a scenario for one that is wrong. */
export async function run(name: string, options?: ExploreOptions): Promise<Report> {
  const scenario = scenarios[name];
  if (!scenario) throw new RangeError(`there is no scenario "${name}"`);
  return explore(scenario.program, { ...scenario.options, ...options });
}

/** The module as it is loaded. */
export interface Suite {
  readonly names: readonly string[];
  run(name: string, options?: ExploreOptions): Promise<Report>;
}
