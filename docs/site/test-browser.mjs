/** Builds the site, and tests it in Chromium where there is one; says so where there is none. */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';

const PLACES = [
  process.env.CHROMIUM,
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
];
const chromium = PLACES.find((place) => place && existsSync(place));

if (chromium === undefined) {
  console.error(
    'LEFT OUT: the tests of the site in a browser. No Chromium was found; set CHROMIUM to its path.',
  );
} else {
  const run = (...args) =>
    spawnSync(process.execPath, args, {
      cwd: import.meta.dirname,
      stdio: 'inherit',
      env: { ...process.env, CHROMIUM: chromium },
    }).status === 0;
  const vitest = join(import.meta.dirname, '../../node_modules/vitest/vitest.mjs');
  const passed =
    run('build.mjs', 'build') &&
    run(vitest, 'run', '--config', 'vitest.browser.config.ts', ...process.argv.slice(2));
  process.exitCode = passed ? 0 : 1;
}
