/** What is held of a primitive. Invariant: it has an owner while it holds something, and tells it once that it has ended. */
import { realm } from '@aiokit/loop-core';
import { INSPECT } from './internal/repr.js';

/** Whoever gave a permit out. */
export interface PermitOwner {
  /** A permit has ended: what it held is free. */
  ended(permit: Permit): void;
}

/**
 * A hold on a lock, a place of a semaphore, and so on: `using permit = await lock.acquire()`.
 *
 * It releases what it was given for, once, whoever disposes of it; a second time does nothing.
 *
 * @source PERMIT · TC39 Concurrency Control, the token of a Governor; no CPython counterpart
 */
export class Permit {
  /** What it is a hold on; undefined once it has ended. Primitives set it. */
  declare owner: PermitOwner | undefined;

  /** @param owner what is held */
  constructor(owner: PermitOwner) {
    this.owner = owner;
    realm.hooks?.acquired?.(this);
  }

  /** Whether it holds something still. */
  get live(): boolean {
    return this.owner !== undefined;
  }

  /** Where and when it was taken; undefined outside debug mode. */
  get taken(): { readonly where: string; readonly when: number } | undefined {
    return realm.hooks?.taken?.(this);
  }

  /**
   * Ends it: who waits first is next.
   *
   * @ordering whoever gets the turn is resumed in the next iteration
   * @complexity O(1)
   * @source PERMIT-1 · no CPython counterpart
   */
  release(): void {
    const { owner } = this;
    if (owner === undefined) return;
    this.owner = undefined;
    realm.hooks?.released?.(this);
    owner.ended(this);
  }

  /** `release()`. */
  [Symbol.dispose](): void {
    this.release();
  }

  /** The permit, and what it is a hold on. */
  toString(): string {
    return `<Permit ${this.owner === undefined ? 'ended' : `of ${String(this.owner)}`}>`;
  }

  [INSPECT](): string {
    return this.toString();
  }
}
