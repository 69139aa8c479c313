/**
 * StrykerJS on the packages that all stands on, one after the other: `node stryker.mjs [package …]`. It works on a copy of
 * the tree, and fails if a score is below the goal, or a mutant survives that survivors.json does not explain. With `--again`
 * only the lines are mutated on which one has survived before, with `--judge` none: the last reports are looked at.
 */
import { spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const root = join(here, '../..');
const GOAL = 90;
const PACKAGES = ['queue', 'future', 'sync-primitives', 'task', 'loop-core'];

const run = (command, args, options) => {
  const { status } = spawnSync(command, args, { stdio: 'inherit', ...options });
  return status === 0;
};

/** The tree as it is, with the same dependencies. */
function copyTree() {
  const copy = mkdtempSync(join(tmpdir(), 'aiokit-stryker-'));
  const { stdout } = spawnSync('git', ['ls-files', '-co', '--exclude-standard'], {
    cwd: root,
    encoding: 'utf8',
  });
  for (const file of stdout.split('\n')) {
    if (file === '' || !existsSync(join(root, file))) continue;
    mkdirSync(dirname(join(copy, file)), { recursive: true });
    cpSync(join(root, file), join(copy, file));
  }
  symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'), 'dir');
  for (const folder of [...PACKAGES, 'debug', 'testing', 'aiokit'].map(
    (name) => `packages/${name}/node_modules`,
  )) {
    cpSync(join(root, folder), join(copy, folder), { recursive: true, verbatimSymlinks: true });
  }
  return copy;
}

/** What a mutant is known by, wherever its line has moved. */
const keyOf = (file, { mutatorName, replacement, line }) =>
  [file, mutatorName, line.trim(), (replacement ?? '').replace(/\s+/g, ' ').slice(0, 100)].join(' | ');

const reportOf = (name) => join(root, '.reports', `stryker-${name}.json`);
const read = (file) => JSON.parse(readFileSync(file, 'utf8'));
const isSurvivor = ({ status }) => status === 'Survived' || status === 'NoCoverage';

/** The lines on which mutants have survived. */
const linesOf = ({ files }) =>
  Object.entries(files).flatMap(([path, { mutants }]) =>
    mutants.filter(isSurvivor).map(({ location: { start, end } }) => `${path}:${start.line}-${end.line}`),
  );

/** A report, with what another says of some of its mutants. */
function merged(before, after) {
  const placeOf = ({ location: { start, end }, mutatorName, replacement }) =>
    [start.line, start.column, end.line, end.column, mutatorName, replacement].join();
  for (const [path, { source, mutants }] of Object.entries(after.files)) {
    before.files[path].source = source;
    const statuses = new Map(mutants.map((mutant) => [placeOf(mutant), mutant.status]));
    for (const mutant of before.files[path].mutants)
      mutant.status = statuses.get(placeOf(mutant)) ?? mutant.status;
  }
  return before;
}

function mutate(copy, name, again) {
  const folder = join(copy, 'packages', name);
  const stryker = join(here, 'stryker/node_modules/@stryker-mutator/core/bin/stryker.js');
  const before = again ? read(reportOf(name)) : undefined;
  if (before && linesOf(before).length === 0) return before;
  const config = {
    plugins: [join(here, 'stryker/node_modules/@stryker-mutator/vitest-runner/dist/src/index.js')],
    testRunner: 'vitest',
    vitest: { configFile: join(copy, 'tools/mutants/vitest.stryker.ts'), related: false },
    testRunnerNodeArgs: ['--expose-gc'],
    inPlace: true,
    mutate: before ? linesOf(before) : ['src/**/*.ts', '!src/index.ts'],
    mutator: { excludedMutations: ['StringLiteral'] },
    coverageAnalysis: 'perTest',
    ignoreStatic: false,
    concurrency: Number(process.env.AIOKIT_CONCURRENCY ?? 1),
    dryRunTimeoutMinutes: 60,
    timeoutMS: 4000,
    timeoutFactor: 1.5,
    maxTestRunnerReuse: 0,
    checkers: [],
    reporters: ['json', 'clear-text', 'progress-append-only'],
    clearTextReporter: { allowColor: false, logTests: false, reportTests: false, reportMutants: false },
    jsonReporter: { fileName: join(copy, 'report.json') },
    tempDirName: join(copy, '.stryker'),
    allowConsoleColors: false,
  };
  const file = join(folder, 'stryker.json');
  writeFileSync(file, JSON.stringify(config));
  if (!run('nice', ['-n', '5', 'node', stryker, 'run', file], { cwd: folder })) return undefined;
  const after = read(join(copy, 'report.json'));
  const report = before ? merged(before, after) : after;
  mkdirSync(join(root, '.reports'), { recursive: true });
  writeFileSync(reportOf(name), JSON.stringify(report));
  return report;
}

/** The mutants of a report by what became of them. */
function judge(name, report) {
  const detected = [];
  const survived = [];
  for (const [path, { source, mutants }] of Object.entries(report.files)) {
    const lines = source.split('\n');
    for (const mutant of mutants) {
      const { status, location } = mutant;
      if (status === 'Killed' || status === 'Timeout') detected.push(mutant);
      else if (isSurvivor(mutant)) {
        const line = lines[location.start.line - 1];
        survived.push({
          key: keyOf(`${name}/${path}`, { ...mutant, line }),
          status,
          line: location.start.line,
        });
      }
    }
  }
  return { detected, survived };
}

const explained = read(join(here, 'survivors.json'));
const names = process.argv.slice(2).filter((argument) => !argument.startsWith('--'));
for (const name of names)
  if (!PACKAGES.includes(name)) throw new Error(`${name} is not one of ${PACKAGES.join()}`);
const [judgeOnly, again] = ['--judge', '--again'].map((option) => process.argv.includes(option));
if (!judgeOnly && !existsSync(join(here, 'stryker/node_modules'))) {
  const { packageManager } = read(join(root, 'package.json'));
  const install = ['--dir', join(here, 'stryker'), 'install', '--ignore-workspace', '--frozen-lockfile'];
  if (!run('npx', ['--prefer-offline', '-y', packageManager, ...install])) process.exit(1);
}
const copy = judgeOnly ? undefined : copyTree();
let passed = true;
try {
  for (const name of names.length > 0 ? names : PACKAGES) {
    const report = copy ? mutate(copy, name, again) : read(reportOf(name));
    if (!report) {
      passed = false;
      continue;
    }
    const { detected, survived } = judge(name, report);
    const reasons = new Set(explained.filter(({ key }) => key.startsWith(`${name}/`)).map(({ key }) => key));
    const unexplained = survived.filter(({ key }) => !reasons.has(key));
    const score = (100 * detected.length) / (detected.length + survived.length);
    console.log(
      `${name}: ${score.toFixed(1)} % of ${detected.length + survived.length} mutants; ${survived.length} survive, ${unexplained.length} of them unexplained`,
    );
    for (const { key, status, line } of unexplained) console.log(`  ${status} ${line}: ${key}`);
    const stale = [...reasons].filter((key) => !survived.some((one) => one.key === key));
    for (const key of stale) console.log(`  does not survive, and is explained: ${key}`);
    if (score < GOAL || unexplained.length + stale.length > 0) passed = false;
  }
} finally {
  if (copy) rmSync(copy, { recursive: true, force: true });
}
process.exitCode = passed ? 0 : 1;
