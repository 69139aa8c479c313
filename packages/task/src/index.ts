export { asCompleted, type AsCompletedOptions, type Completions, type Settled } from './as-completed.js';
export type { ScopedBody } from './internal/body.js';
export { coroutine, CoroutineObject, type CoroutineOptions } from './coroutine.js';
export { type Coroutine, isCoroutine, isCoroutineFunction } from './is-coroutine.js';
export {
  createTask,
  ensureFuture,
  type TaskFactory,
  type TaskSource,
  type Waitable,
} from './create-task.js';
export { allTasks, currentTask, type CurrentTaskOptions } from './current-task.js';
export { createEagerTaskFactory, eagerTaskFactory, type TaskConstructor } from './eager-tasks.js';
export { ExceptionGroup, isExceptionGroup } from './exception-group.js';
export { gather, type Gathered, type GatherOptions } from './gather.js';
export { rethrowCancelled } from './rethrow-cancelled.js';
export {
  isKeyboardInterrupt,
  KeyboardInterrupt,
  run,
  type RunLoop,
  Runner,
  type RunnerOptions,
} from './runner.js';
export { isNoCurrentTaskError, NoCurrentTaskError, Scope, type ScopeOptions } from './scope.js';
export { select, type Selected } from './select.js';
export { shield } from './shield.js';
export { sleep } from './sleep.js';
export { type StackOptions, Task, type TaskOptions } from './task.js';
export { TaskGroup } from './task-group.js';
export { Timeout, timeout, timeoutAt } from './timeout.js';
export {
  ALL_COMPLETED,
  type DoneAndPending,
  FIRST_COMPLETED,
  FIRST_EXCEPTION,
  type ReturnWhen,
  wait,
  type WaitForSomeOptions,
} from './wait.js';
export { waitFor } from './wait-for.js';
