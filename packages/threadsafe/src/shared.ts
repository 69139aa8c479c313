export type { Codec } from './shared/codec.js';
export { isOwnerDiedError, OwnerDiedError } from './shared/errors.js';
export type { FromOptions, SharedHandle } from './shared/primitive.js';
export { SharedBarrier } from './shared/shared-barrier.js';
export { SharedCondition, type SharedConditionHandle } from './shared/shared-condition.js';
export { SharedEvent } from './shared/shared-event.js';
export { SharedGate } from './shared/shared-gate.js';
export { SharedLock } from './shared/shared-lock.js';
export {
  SharedMemory,
  type SharedMemoryHandle,
  type SharedMemoryOptions,
  type WatchedWorker,
} from './shared/shared-memory.js';
export {
  type SharedGetManyOptions,
  SharedQueue,
  type SharedQueueHandle,
  type SharedQueueOptions,
} from './shared/shared-queue.js';
export { SharedSemaphore } from './shared/shared-semaphore.js';
export { SharedToken } from './shared/shared-token.js';
