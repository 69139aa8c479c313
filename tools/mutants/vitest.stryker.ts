/** The vitest configuration that Stryker runs in the copy of a package. */
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const conditions = ['@aiokit/source', 'module', 'node', 'development|production'];

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    include: ['test/**/*.test.ts'],
    exclude: ['**/*.stress.test.ts'],
    setupFiles: [fileURLToPath(new URL('../test-setup/setup.ts', import.meta.url))],
    env: { AIOKIT_SEED: '1' },
    testTimeout: 600_000,
    reporters: [],
  },
});
