import { TimeoutError } from '@aiokit/loop-core';

/** What a wait ends with that lasts too long. */
export const timedOut = (): TimeoutError => new TimeoutError('the wait timed out');
