export { default } from '../../tools/test-setup/vitest.preset.js';
