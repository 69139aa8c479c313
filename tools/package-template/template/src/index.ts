export { PackageName } from './package-name.js';
