export { allowAttach, type AttachOptions } from './attach.js';
export {
  type CallGraph,
  type CallGraphOptions,
  captureCallGraph,
  formatCallGraph,
} from './call-graph.js';
export { publishEvents } from './channels.js';
export {
  ps,
  pstree,
  type TaskInfo,
  type TaskState,
  type WaitEdge,
  type WaitGraph,
  waitGraph,
  where,
} from './inspect.js';
export { type DebugLimits, getDebugLimits, setDebugLimits } from './limits.js';
export { getLogLevel, getLoopLogger, type LogLevel, setLogLevel } from './logger.js';
export { printOnSignal } from './print-on-signal.js';
export { install } from './provider.js';
export { type ResourceOptions, type TrackedResource, trackResource } from './resources.js';
export {
  recordTrace,
  type Trace,
  type TraceEvent,
  type TraceOptions,
  type TraceRecorder,
} from './trace.js';
export {
  resetWarnings,
  setWarningFilter,
  type WarningAction,
  type WarningCategory,
  type WarningKind,
} from './warnings.js';
