import { mergeConfig } from 'vitest/config';
import preset from '../test-setup/vitest.preset.js';

export default mergeConfig(preset({ mode: 'test', command: 'serve' }), { test: { testTimeout: 60_000 } });
