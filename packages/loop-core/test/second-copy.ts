/** Another installed copy of the package, as a program has it that depends on two versions. */
import type * as main from '@aiokit/loop-core';
import type * as virtual from '@aiokit/loop-core/virtual';
import { loadCopy as load } from '../../../tools/test-setup/bundle-program.js';

export type Copy = typeof main & typeof virtual;

/** Loads a copy of its own, with modules of its own. */
export const loadCopy = async (): Promise<Copy> =>
  load<Copy>(['@aiokit/loop-core', '@aiokit/loop-core/virtual'], import.meta.dirname);
