export { default } from '../test-setup/vitest.preset.js';
