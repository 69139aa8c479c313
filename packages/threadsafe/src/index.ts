export { callSoonThreadsafe } from './call-soon-threadsafe.js';
export { type BlockOptions, ConcurrentFuture, type RemoteWork } from './concurrent-future.js';
export {
  BlockingNotAllowedError,
  BrokenExecutorError,
  isBlockingNotAllowedError,
  isBrokenExecutorError,
  isWorkerEndedError,
  WorkerEndedError,
} from './errors.js';
export type { Executor, ShutdownExecutorOptions, SubmitOptions, Work, WorkFunction } from './executor.js';
export { exposeLoop, type ExposeOptions, LoopPortal, type LoopTicket, type StopOptions } from './portal.js';
export { type CallOptions, connect, RemoteLoop } from './remote-loop.js';
export {
  runInExecutor,
  setDefaultExecutor,
  shutdownDefaultExecutor,
  type ShutdownDefaultOptions,
  toThread,
} from './run-in-executor.js';
export {
  type CarriedStorage,
  carryContext,
  checkCancelled,
  serveWork,
  transfer,
  workSignal,
} from './worker.js';
export {
  type PlatformWorker,
  type PoolOptions,
  WorkerExecutor,
  type WorkerExecutorOptions,
} from './worker-executor.js';
export { workerModule, type WorkModule } from './worker-module.js';
