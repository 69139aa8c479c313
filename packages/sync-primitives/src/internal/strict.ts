import { refuse } from '@aiokit/loop-core';

/** What a lock or a semaphore is made with. */
export interface StrictOptions {
  /** Whether only permits release, and `release()` is refused. */
  readonly strict?: boolean | undefined;
}

/** @throws TypeError unless it is an object or absent */
export function isStrict(options: StrictOptions | undefined): boolean {
  if (options === undefined) return false;
  if (typeof options !== 'object' || options === null) refuse('options', 'an object', options);
  return options.strict === true;
}
