/** What the threads of the page do: a bundler makes a worker of this module. */
import { serveWork } from '@aiokit/threadsafe/worker';
import { ask, hash, hashOn } from '../threads/work.ts';

serveWork({ ask, hash, hashOn });
