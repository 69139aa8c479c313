/** The vitest configuration of every package. `--mode dist` runs the same tests against the built files. */
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

export default defineConfig(({ mode }) => {
  const dist = mode === 'dist';
  const conditions = [...(dist ? [] : ['@aiokit/source']), 'module', 'node', 'development|production'];
  return {
    resolve: { conditions },
    ssr: { resolve: { conditions } },
    test: {
      include: ['test/**/*.test.ts'],
      setupFiles: [fileURLToPath(new URL('./setup.ts', import.meta.url))],
      pool: 'forks',
      execArgv: ['--expose-gc'],
      typecheck: { enabled: !dist, include: ['test/**/*.test-d.ts'], tsconfig: './tsconfig.json' },
      reporters: ['default', 'json'],
      outputFile: { json: `.reports/${dist ? 'dist' : 'vitest'}.json` },
    },
  };
});
