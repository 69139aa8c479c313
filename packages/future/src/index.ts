export { type FromPromiseOptions, fromPromise } from './from-promise.js';
export { Future, type FutureOptions, type ToPromiseOptions } from './future.js';
export { isFuture } from './is-future.js';
export { wrapFuture } from './wrap-future.js';
