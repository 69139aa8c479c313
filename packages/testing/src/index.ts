export {
  check,
  ExplorationError,
  explore,
  type ExploreOptions,
  replay,
  type StrategyName,
} from './explore.js';
export type { Failure, FailureKind, Report, Step } from './report.js';
export type { Program, World } from './world.js';
