/**
 * Coverage of the published packages by all of their tests, merged over this Node and the newest that
 * `pnpm --dir tools/bench run runtimes` has installed: `node tools/coverage.mjs`. The tests of async functions run with async
 * context and without. What is not covered must stand in coverage-exclusions.json, with a reason.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const reports = join(root, '.reports/coverage');
const newest = ['node26', 'node24']
  .map((name) => join(root, 'tools/bench/runtimes/node_modules', name, 'bin/node'))
  .find((file) => existsSync(file));
const runtimes = { this: process.execPath, ...(newest ? { newest } : {}) };
const read = (file) => JSON.parse(readFileSync(file, 'utf8'));

/** Runs all tests in one runtime; what they covered, in the format of Istanbul. */
function cover(name, node) {
  const folder = join(reports, name);
  const { status } = spawnSync(
    node,
    [
      join(root, 'node_modules/vitest/vitest.mjs'),
      'run',
      '--config',
      'tools/test-setup/vitest.projects.ts',
      '--typecheck=false',
      '--coverage',
      '--coverage.reporter=json',
      `--coverage.reportsDirectory=${folder}`,
      '--coverage.reportOnFailure',
    ],
    { cwd: root, stdio: 'inherit' },
  );
  if (status !== 0) console.error(`the tests fail in ${node}`);
  return { passed: status === 0, files: read(join(folder, 'coverage-final.json')) };
}

/** Adds the counts of another run of the same sources. */
function add(all, files) {
  for (const [path, file] of Object.entries(files)) {
    const known = (all[path] ??= file);
    if (known === file) continue;
    for (const key of Object.keys(file.s)) known.s[key] += file.s[key];
    for (const [key, counts] of Object.entries(file.b))
      known.b[key] = known.b[key].map((count, at) => count + counts[at]);
  }
}

/** The lines on which something was not run, and the numbers of a file. */
function judge(path, { statementMap, branchMap, s, b }) {
  const lines = readFileSync(path, 'utf8').split('\n');
  const file = relative(root, path).split(sep).join('/');
  const missing = new Map();
  const miss = (what, at) => missing.set(`${what} ${at}`, { file, at, what, line: lines[at - 1].trim() });
  let [statements, branches, run, taken] = [0, 0, 0, 0];
  for (const [key, { start }] of Object.entries(statementMap)) {
    statements++;
    if (s[key] === 0) miss('statement', start.line);
    else run++;
  }
  for (const [key, { loc, locations }] of Object.entries(branchMap)) {
    for (const [at, count] of b[key].entries()) {
      branches++;
      if (count === 0) miss('branch', locations[at]?.start?.line ?? loc.start.line);
      else taken++;
    }
  }
  return { statements, branches, run, taken, missing: [...missing.values()] };
}

const exclusions = read(join(root, 'tools/coverage-exclusions.json'));
const all = {};
let passed = true;
mkdirSync(reports, { recursive: true });
if (process.argv.includes('--judge')) Object.assign(all, read(join(reports, 'merged.json')));
else {
  for (const [name, node] of Object.entries(runtimes)) {
    const run = cover(name, node);
    passed &&= run.passed;
    add(all, run.files);
  }
  writeFileSync(join(reports, 'merged.json'), JSON.stringify(all));
}
const used = new Set();
const open = [];
const packages = {};
for (const [path, file] of Object.entries(all)) {
  const verdict = judge(path, file);
  const name = /packages.([\w-]+)/.exec(relative(root, path))?.[1] ?? path;
  const sum = (packages[name] ??= { statements: 0, branches: 0, run: 0, taken: 0 });
  for (const key of Object.keys(sum)) sum[key] += verdict[key];
  for (const one of verdict.missing) {
    const excluded = exclusions.find(({ file: name, line }) => name === one.file && line === one.line);
    if (excluded) used.add(excluded);
    else open.push(one);
  }
}
for (const { file, at, what, line } of open) console.log(`${file}:${at}: ${what} is not covered: ${line}`);
for (const one of exclusions)
  if (!used.has(one)) console.log(`is covered, and excluded: ${one.file}: ${one.line}`);
const percent = (part, whole) => `${(whole === 0 ? 100 : (100 * part) / whole).toFixed(1)} %`;
for (const [name, { statements, branches, run, taken }] of Object.entries(packages))
  console.log(
    `${name}: ${percent(run, statements)} of the statements, ${percent(taken, branches)} of the branches`,
  );
process.exitCode = passed && open.length === 0 && used.size === exclusions.length ? 0 : 1;
