/** The root commands that work in a fresh clone, on a machine that has only Node and npm. */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { clearReports, sumReports } from './repo/reports.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const { packageManager } = JSON.parse(readFileSync(`${root}/package.json`, 'utf8'));

/** Runs a command, shows its output and says whether it succeeded. */
function succeeds(command, ...args) {
  const { status } = spawnSync(command, args, {
    cwd: root,
    stdio: 'inherit',
    env: { ...process.env, TURBO_TELEMETRY_DISABLED: '1' },
    shell: process.platform === 'win32',
  });
  return status === 0;
}
const pnpm = (...args) => succeeds('npx', '--prefer-offline', '-y', packageManager, ...args);
const turbo = (...args) =>
  pnpm('exec', 'turbo', '--no-update-notifier', 'run', '--output-logs=errors-only', ...args);
const install = () => pnpm('install', '--frozen-lockfile', '--prefer-offline');

/** What `npm test` leaves to other commands, since it takes long or needs more than Node. */
const LEFT = {
  'npm run matrix':
    'the packed packages on Node 20 to 26, Deno, Bun, Chromium and three versions of TypeScript',
  'npm run release:check': 'publishing to a registry on this machine, and the READMEs as a user follows them',
  'npm run test:nightly': 'the property tests with 100000 runs each; here each has as many as its file says',
  'npm run proof':
    'the suites that run for hours: every schedule, 100000 programs on CPython; StrykerJS with --stryker',
  'npm run stress': 'millions of operations and many deaths of threads that share memory',
  'npm run test:browser': 'the site, the playground and the page of the threads in Chromium',
  'npm run bench': 'what everything costs, beside its peers; --quick for a quarter of an hour',
};

function test(args) {
  clearReports(root);
  const steps = { install: install() };
  if (steps.install) {
    steps.check = pnpm('check');
    steps.test = turbo('build', 'test', '--continue', ...args);
  }
  const page = steps.test === undefined || browser();
  const { passed, failed, problems } = sumReports(root);
  if (!page) problems.push('the page in a browser failed');
  if (!steps.install) problems.push('install failed');
  if (steps.check === false) problems.push('check failed');
  if (steps.test === false && failed === 0 && problems.length === 0)
    problems.push('a task failed outside its tests');
  for (const problem of problems) console.error(`FAILED ${problem}`);
  for (const [left, why] of Object.entries(LEFT)) console.log(`left to \`${left}\`: ${why}`);
  console.log(`${passed} passed, ${failed + problems.length} failed`);
  return failed + problems.length === 0;
}

function build() {
  return install() && turbo('build', '--filter=./packages/*');
}

/** Drives the page of the threads in Chromium, if there is one; says so if there is none. */
function browser() {
  return succeeds(process.execPath, 'docs/examples/browser.mjs');
}

/** The properties of all packages, with many runs. */
function nightly(args) {
  process.env.AIOKIT_RUNS ||= '100000';
  return pnpm(
    '--filter=./packages/*',
    '--no-bail',
    '--workspace-concurrency=1',
    'exec',
    'vitest',
    'run',
    '--passWithNoTests',
    '.property.test.ts',
    ...args,
  );
}

/** What threads share, and their executors, with many more operations and deaths. */
function stress(args) {
  process.env.AIOKIT_STRESS ||= '20';
  const vitest = ['--filter=@aiokit/threadsafe', 'exec', 'vitest', 'run', '--testTimeout=1200000'];
  return build() && pnpm(...vitest, 'stress', 'property', ...args);
}

/** All of the proof, for hours; see docs/proof.md. */
function proof(args) {
  return install() && succeeds(process.execPath, 'tools/proof.mjs', ...args);
}

/** Installs and builds in silence unless that fails, then plays. */
function demo(args) {
  console.error('Installing and building what is not there yet …');
  const { status, stdout, stderr } = spawnSync(process.execPath, [fileURLToPath(import.meta.url), 'build'], {
    maxBuffer: Infinity,
  });
  if (status !== 0) {
    process.stderr.write(Buffer.concat([stdout, stderr]));
    return false;
  }
  // Ctrl-C is for the program that is played.
  process.on('SIGINT', () => {});
  return succeeds(process.execPath, 'docs/examples/demo.mjs', ...args);
}

/** Installs, builds, then runs a program of tools/. */
const tool = (program) => (args) => build() && pnpm('exec', 'node', program, ...args);

/** As `tool`, with the runtimes that are compared. */
const everywhere = (program) => (args) =>
  install() && pnpm('--filter=@aiokit-tools/bench', '--silent', 'run', 'runtimes') && tool(program)(args);

const [command, ...args] = process.argv.slice(2);
const commands = {
  test,
  nightly,
  stress,
  proof,
  demo,
  build,
  browser: (args) =>
    build() && browser() && pnpm('--filter=@aiokit-docs/site', 'run', 'test:browser', ...args),
  bench: everywhere('tools/bench/src/main.mjs'),
  'bench:compare': everywhere('tools/bench/src/compare.mjs'),
  'docs:build': (args) => build() && pnpm('--filter=@aiokit-docs/site', 'run', 'docs:build', ...args),
  matrix: everywhere('tools/consumers/matrix/main.mjs'),
  'release:check': tool('tools/release/check.mjs'),
  'release:publish': tool('tools/release/publish.mjs'),
};
if (!Object.hasOwn(commands, command)) {
  console.error(`usage: node tools/run.mjs ${Object.keys(commands).join('|')}`);
  process.exit(2);
}
process.exit(commands[command](args) ? 0 : 1);
