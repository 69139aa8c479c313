export {
  DeadlockError,
  HostWaitError,
  type Oracle,
  VirtualLoop,
  type VirtualLoopOptions,
} from '@aiokit/loop-core/virtual';
