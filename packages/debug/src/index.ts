export { type DebugLimits, getDebugLimits, setDebugLimits } from './limits.js';
export { getLogLevel, getLoopLogger, type LogLevel, setLogLevel } from './logger.js';
export { install } from './provider.js';
export { type ResourceOptions, type TrackedResource, trackResource } from './resources.js';
export {
  resetWarnings,
  setWarningFilter,
  type WarningAction,
  type WarningCategory,
  type WarningKind,
} from './warnings.js';
