export { Threadsafe } from './threadsafe.js';
