import { mergeConfig } from 'vitest/config';
import preset from '../test-setup/vitest.preset.js';

export default mergeConfig(preset({ mode: 'test', command: 'serve' }), {
  test: { globalSetup: './install.ts', testTimeout: 60_000, hookTimeout: 120_000 },
});
