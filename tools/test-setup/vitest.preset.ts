/** The vitest configuration of every package. `--mode dist` runs the same tests against the built files. */
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

/** How long a test may take, in milliseconds: a minute, and for properties with more runs than usual as much longer. */
const testTimeout = 60_000 * Math.max(1, Number(process.env.AIOKIT_RUNS ?? 0) / 1000);

export default defineConfig(({ mode }) => {
  const dist = mode === 'dist';
  const conditions = [...(dist ? [] : ['@aiokit/source']), 'module', 'node', 'development|production'];
  return {
    resolve: { conditions },
    ssr: { resolve: { conditions } },
    test: {
      include: ['test/**/*.test.ts'],
      setupFiles: [fileURLToPath(new URL('./setup.ts', import.meta.url))],
      testTimeout,
      pool: 'forks',
      execArgv: ['--expose-gc'],
      typecheck: { enabled: !dist, include: ['test/**/*.test-d.ts'], tsconfig: './tsconfig.json' },
      reporters: ['default', 'json'],
      outputFile: { json: `.reports/${dist ? 'dist' : 'vitest'}.json` },
    },
  };
});
