/** All the old bugs. */
import type { Mutant } from '../mutant.js';
import { permitMutants } from './permits.js';
import { queueMutants } from './queues.js';
import { taskMutants } from './tasks.js';
import { waitingMutants } from './waiting.js';

export const corpus: readonly Mutant[] = [
  ...permitMutants,
  ...waitingMutants,
  ...queueMutants,
  ...taskMutants,
];
