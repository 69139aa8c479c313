export { cancelEverywhere } from './cancel-everywhere.js';
export { assertCheckpoints, assertNoCheckpoints } from './checkpoints.js';
export {
  check,
  ExplorationError,
  explore,
  exploreOne,
  type ExploreOptions,
  replay,
  type StrategyName,
} from './explore.js';
export type { Failure, FailureKind, Report, Step } from './report.js';
export { Sequencer, Turn } from './sequencer.js';
export { advance, settle } from './settle.js';
export { assertNoLeaks, LeakError, onVirtualTime, type VirtualBody } from './virtual-time.js';
export { waitAllTasksBlocked } from './wait-all-tasks-blocked.js';
export type { Program, World } from './world.js';
