export { SyncPrimitives } from './sync-primitives.js';
