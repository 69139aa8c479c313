/**
 * Everything that can be used as a lock: `make` gives something that lets one in at a time. A queue of one item, with the
 * item as the permit, can join.
 */
import type { Operation } from '@aiokit/loop-core';
import type { WaitOptions } from '@aiokit/loop-core/wait-queue';
import {
  BoundedSemaphore,
  CapacityLimiter,
  Condition,
  KeyedLock,
  Lock,
  RWLock,
  Semaphore,
} from '@aiokit/sync-primitives';

export interface Held {
  release(): void;
}

export interface LockLike {
  acquire(options?: WaitOptions): Operation<Held>;
  tryAcquire(): Held | null;
  statistics(): { readonly holders: number; readonly waiting: number };
}

/** A governor whose statistics are another's. */
const view = (
  ways: Pick<LockLike, 'acquire' | 'tryAcquire'>,
  statistics: LockLike['statistics'],
  print: () => string,
): LockLike => Object.assign(ways, { statistics, toString: print });

export const LOCK_LIKE: readonly { readonly name: string; readonly make: () => LockLike }[] = [
  { name: 'Lock', make: () => new Lock() },
  { name: 'strict Lock', make: () => new Lock({ strict: true }) },
  { name: 'Condition', make: () => conditionAsLock() },
  { name: 'Semaphore(1)', make: () => new Semaphore(1) },
  { name: 'BoundedSemaphore(1)', make: () => new BoundedSemaphore(1) },
  { name: 'Semaphore(3) by threes', make: () => semaphoreByThrees() },
  { name: 'CapacityLimiter(1)', make: () => new CapacityLimiter(1) },
  { name: 'RWLock, write', make: () => writeSide() },
  { name: 'RWLock, upgradable', make: () => upgradableSide() },
  { name: 'KeyedLock, one key', make: () => oneKey() },
];

function conditionAsLock(): LockLike {
  const condition = new Condition();
  return view(
    {
      acquire: (options) => condition.acquire(options),
      tryAcquire: () => condition.tryAcquire(),
    },
    () => condition.lock.statistics(),
    () => String(condition.lock),
  );
}

function semaphoreByThrees(): LockLike {
  const semaphore = new Semaphore(3, { strict: true });
  return view(
    {
      acquire: (options) => semaphore.acquire({ ...options, permits: 3 }),
      tryAcquire: () => semaphore.tryAcquire({ permits: 3 }),
    },
    () => semaphore.statistics(),
    () => String(semaphore),
  );
}

function writeSide(): LockLike {
  const lock = new RWLock();
  return view(
    { acquire: (options) => lock.write.acquire(options), tryAcquire: () => lock.write.tryAcquire() },
    () => lock.statistics(),
    () => String(lock),
  );
}

function upgradableSide(): LockLike {
  const lock = new RWLock();
  return view(
    {
      acquire: (options) => lock.upgradable.acquire(options),
      tryAcquire: () => lock.upgradable.tryAcquire(),
    },
    () => lock.statistics(),
    () => String(lock),
  );
}

function oneKey(): LockLike {
  const locks = new KeyedLock<string>();
  const lock = locks.of('key');
  return view(
    { acquire: (options) => lock.acquire(options), tryAcquire: () => lock.tryAcquire() },
    () => locks.statistics('key'),
    () => String(locks),
  );
}
