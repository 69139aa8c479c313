export { Aiokit } from './aiokit.js';
