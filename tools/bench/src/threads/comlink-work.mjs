import { parentPort } from 'node:worker_threads';
import { expose } from 'comlink';
import nodeEndpoint from 'comlink/dist/esm/node-adapter.mjs';
import { echo } from './work.mjs';

expose({ echo }, nodeEndpoint(parentPort));
