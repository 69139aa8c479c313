/** What is tested of the built files are their own internals too: a second copy of them would know nothing of the first. */
import { fileURLToPath } from 'node:url';
import { defineConfig, mergeConfig } from 'vitest/config';
import preset from '../../tools/test-setup/vitest.preset.js';

const built = fileURLToPath(new URL('dist/$1.js', import.meta.url));
const alias = [{ find: /^\.\.\/src\/(.*)\.js$/, replacement: built }];

export default defineConfig((env) =>
  mergeConfig(preset(env), env.mode === 'dist' ? { resolve: { alias } } : {}),
);
