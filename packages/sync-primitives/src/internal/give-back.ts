import type { CompletedOwner } from '@aiokit/loop-core';
import type { Permit } from '../permit.js';

/** Releases what was acquired at once and is not wanted. */
export const giveBack: CompletedOwner<Permit> = { abandoned: (permit) => permit.release() };
