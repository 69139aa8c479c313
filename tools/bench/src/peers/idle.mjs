/** Nothing goes on: what the machine itself adds to the lateness of a timer. */
import { noFlood } from '../flood.mjs';

export default {
  label: 'idle',
  workloads: { 'flood-cheap': noFlood, 'flood-slow': noFlood },
};
