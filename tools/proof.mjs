/**
 * The whole of the proof: `node tools/run.mjs proof [--stryker] [part …]`. Each part is a suite that runs for minutes or
 * hours; what it found is written into the table of docs/proof.md.
 */
import { spawn } from 'node:child_process';
import { createWriteStream, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const page = join(root, 'docs/proof.md');

const all = (log, pattern) => [...log.matchAll(pattern)].map(([, ...groups]) => groups);
const sum = (numbers) => numbers.reduce((total, number) => total + number, 0);
const shown = (number) => number.toLocaleString('en-US');
const vitest = (...args) => ['npx', ['vitest', 'run', '--mode', 'proof', '--typecheck=false', ...args]];
const scores = (log) =>
  all(log, /^([\w-]+): ([\d.]+) % of (\d+) mutants; (\d+) survive/gm).map(
    ([name, score, count, left]) => `${name} ${score} % of ${count} (${left} survive)`,
  );

/** The parts: where they run, what is run, and how their figures read. */
const parts = {
  interleavings: {
    folder: 'packages/testing',
    command: vitest('interleavings', 'corpus', 'correct-programs'),
    figures: (log) => {
      const counts = all(log, /^all (\d+) schedules are right/gm).map(([count]) => Number(count));
      return `${counts.length} programs searched completely, ${shown(sum(counts))} schedules`;
    },
  },
  scenarios: {
    folder: 'packages/testing',
    command: vitest('scenarios'),
    figures: (log) =>
      all(log, /^(\w+): (\d+) random scenarios, (\d+) schedules in ([\d.]+) s, ([\d.]+) s/gm)
        .map(
          ([name, , schedules, seconds, processor]) =>
            `${name} ${shown(Number(schedules))} in ${seconds} s (${processor} s of a processor)`,
        )
        .join('; '),
  },
  mutants: {
    folder: 'tools/mutants',
    command: vitest(),
    figures: (log) => {
      const found = all(log, /^found: .*, schedule (\d+)$/gm).map(([schedule]) => Number(schedule));
      return `${found.length} found, the latest by schedule ${shown(Math.max(...found))}`;
    },
  },
  properties: {
    folder: '.',
    command: [process.execPath, ['tools/run.mjs', 'nightly']],
    figures: (log) =>
      `${shown(sum(all(log, /Tests .*?(\d+) passed/g).map(([count]) => Number(count))))} properties`,
  },
  conformance: {
    folder: 'tools/conformance',
    command: [process.execPath, ['run.mjs', '--runs', '100000']],
    figures: (log) =>
      all(log, /^(\d+ programs on .*|\d+ \([\d.]+ %\) depend on)/gm).join('; ') || 'CPython was not found',
  },
  stryker: {
    folder: 'tools/mutants',
    command: [process.execPath, ['stryker.mjs']],
    figures: (log) => scores(log).join('; '),
  },
};

/** Runs a command, and keeps what it says. */
function run(name, { folder, command: [command, args] }) {
  const file = join(root, '.reports', `proof-${name}.log`);
  mkdirSync(dirname(file), { recursive: true });
  const output = createWriteStream(file);
  return new Promise((resolve) => {
    const child = spawn(command, args, {
      cwd: join(root, folder),
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, NO_COLOR: '1' },
    });
    let log = '';
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk) => {
        log += chunk;
        output.write(chunk);
        process.stdout.write(chunk);
      });
    child.on('error', (error) => resolve({ passed: false, log: String(error) }));
    child.on('close', (code) => output.end(() => resolve({ passed: code === 0, log })));
  });
}

/** Puts the rows of the parts that were run in place of those of before. */
function write(rows) {
  const text = readFileSync(page, 'utf8');
  const [before, table, after] = text.split(/(?<=<!-- figures -->\n)|(?=<!-- \/figures -->)/);
  const lines = table.trim().split('\n');
  for (const [name, row] of Object.entries(rows)) {
    const at = lines.findIndex((line) => line.startsWith(`| ${name} |`));
    if (at < 0) lines.push(row);
    else lines[at] = row;
  }
  writeFileSync(page, `${before}\n${lines.join('\n')}\n\n${after}`);
}

const asked = process.argv.slice(2).filter((argument) => !argument.startsWith('--'));
for (const name of asked)
  if (!Object.hasOwn(parts, name)) throw new Error(`${name} is not one of ${Object.keys(parts).join()}`);
const wanted =
  asked.length > 0
    ? asked
    : Object.keys(parts).filter((name) => name !== 'stryker' || process.argv.includes('--stryker'));
const rows = {};
let right = true;
for (const name of wanted) {
  const part = parts[name];
  const begun = Date.now();
  const { passed, log } = await run(name, part);
  const minutes = ((Date.now() - begun) / 60_000).toFixed(1);
  right &&= passed;
  const day = new Date(begun).toISOString().slice(0, 10);
  rows[name] = `| ${name} | ${part.figures(log)} | ${passed ? 'passed' : 'FAILED'} | ${minutes} | ${day} |`;
  console.log(rows[name]);
  write(rows);
}
process.exitCode = right ? 0 : 1;
