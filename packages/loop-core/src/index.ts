export {
  type Abortable,
  type AbortSignalLike,
  checkSignal,
  joinSignal,
  leaveSignal,
} from './abort-signals.js';
export { AwaitableBase } from './awaitable.js';
export { completed, completedVoid, type CompletedOwner } from './completed.js';
export { asyncContext } from './context.js';
export { currentLoop, sameLoop, succeed } from './current-loop.js';
export {
  type AiokitError,
  type AiokitErrorConstructor,
  type AiokitErrorOptions,
  CancelledError,
  defineError,
  InvalidStateError,
  isCancelledError,
  isErrorKind,
  isInvalidStateError,
  isRuntimeError,
  isTimeoutError,
  makeCancelledError,
  RuntimeError,
  TimeoutError,
} from './errors.js';
export type {
  AsyncContext,
  AsyncContextKeeper,
  Awaitable,
  AwaitSteps,
  CancellableWait,
  Coroutine,
  EventLoop,
  ExceptionContext,
  ExceptionHandler,
  Handle,
  LoopHooks,
  Operation,
  Runnable,
  TimerHandle,
  WaitScope,
} from './event-loop.js';
export { formatContext, formatValue } from './exception-context.js';
export { getEventLoop, getRunningLoop, newEventLoop, setEventLoop } from './get-event-loop.js';
export { HostLoop, type HostLoopOptions } from './host-loop.js';
export { HostScheduler } from './host-scheduler.js';
export { isNoCallback, refuse } from './internal/check.js';
export { getLogger, type Logger, setLogger } from './logger.js';
export { giveUp } from './reaction.js';
export { type Realm, realm, type WeakTasks } from './realm.js';
export { addSignalHandler, removeSignalHandler } from './signals.js';
