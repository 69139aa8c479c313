import workerpool from 'workerpool';
import { echo } from './work.mjs';

workerpool.worker({ echo });
