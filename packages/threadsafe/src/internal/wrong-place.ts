/** What belongs to one loop is of no use in another thread. */
import { realm } from '@aiokit/loop-core';

interface Suspect {
  readonly enqueue?: unknown;
  readonly subscribe?: unknown;
  readonly acquire?: unknown;
  readonly constructor?: { readonly name?: string };
}

/**
 * Refuses loops, futures and tasks as arguments, and in debug mode reports primitives, which arrive without their methods.
 *
 * @throws TypeError naming the argument; nothing was sent
 */
export function checkBelonging(args: readonly unknown[]): void {
  for (const [at, value] of args.entries()) {
    if (typeof value !== 'object' || value === null) continue;
    const { enqueue, subscribe, acquire, constructor } = value as Suspect;
    const kind = constructor?.name ?? 'object';
    if (typeof enqueue === 'function' || typeof subscribe === 'function') {
      throw new TypeError(
        `argument ${at} is a ${kind}, which belongs to a loop of this thread and cannot be sent to another`,
      );
    }
    if (realm.hooks && (typeof acquire === 'function' || /^(Event|Queue|\w+Queue)$/.test(kind))) {
      realm.hooks.warn?.(
        'wrong-thread',
        `argument ${at} is a ${kind}, which belongs to this thread: the other gets a copy without methods; use the shared ones`,
      );
    }
  }
}
