/** The program of a worker that loads its functions by module. Bundled into `worker-source.ts`. */
import { serve } from './worker-main.js';

serve();
