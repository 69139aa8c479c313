export {
  DeadlockError,
  HostWaitError,
  macrotask,
  type Oracle,
  VirtualLoop,
  type VirtualLoopOptions,
} from '@aiokit/loop-core/virtual';
