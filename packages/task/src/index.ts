export { Task } from './task.js';
