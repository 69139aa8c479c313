export {
  type Coroutine,
  coroutine,
  CoroutineObject,
  type CoroutineOptions,
  isCoroutine,
  isCoroutineFunction,
} from './coroutine.js';
export { createTask, ensureFuture, type TaskFactory, type TaskSource, type Waitable } from './create-task.js';
export { allTasks, currentTask, type CurrentTaskOptions } from './current-task.js';
export { isNoCurrentTaskError, NoCurrentTaskError, Scope, type ScopeOptions } from './scope.js';
export { sleep } from './sleep.js';
export { type StackOptions, Task, type TaskOptions } from './task.js';
