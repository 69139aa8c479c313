/**
 * Builds the package in the working directory: every file of src/ becomes one ESM .js, one CommonJS .cjs and a
 * declaration for each. Nothing is bundled. tsup cannot split CommonJS, so bundled entries would each hold their own
 * copy of a class; and a bundler renames a class that mentions itself (`var Lock = class _Lock`), which shows in reprs.
 */
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Points relative imports of CommonJS output at its sibling .cjs files. */
const toCommonJs = (code) =>
  code.replace(/\b((?:from|import|require)\s*\(?\s*["']\.{1,2}\/[^"'\n]*)\.js(?=["'])/g, '$1.cjs');

function emitDeclarations() {
  execFileSync('tsc', ['-p', 'tsconfig.build.json'], {
    stdio: 'inherit',
    shell: process.platform === 'win32',
  });
  for (const file of readdirSync('dist', { recursive: true, encoding: 'utf8' })) {
    if (!file.endsWith('.d.ts')) continue;
    const path = join('dist', file);
    writeFileSync(path.replace(/\.d\.ts$/, '.d.cts'), toCommonJs(readFileSync(path, 'utf8')));
  }
}

export default {
  entry: ['src/**/*.ts'],
  format: ['esm', 'cjs'],
  target: 'es2022',
  platform: 'node', // makes esbuild annotate the names that a .cjs exports, for importers in ESM
  removeNodeProtocol: false,
  tsconfig: 'tsconfig.build.json',
  bundle: false,
  splitting: false,
  clean: true,
  silent: true,
  outExtension: ({ format }) => ({ js: format === 'cjs' ? '.cjs' : '.js' }),
  plugins: [
    {
      name: 'commonjs-extensions',
      renderChunk(code) {
        return this.format === 'cjs' ? { code: toCommonJs(code) } : undefined;
      },
    },
  ],
  onSuccess: emitDeclarations,
};
