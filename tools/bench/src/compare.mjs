/**
 * `pnpm bench:compare <rev>`: measures our packages as they are and as they were in a revision, in alternation, and says what
 * moved beyond noise. What is now is measured twice: the noise is how far it is from itself.
 */
import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { root } from '../../repo/workspace.mjs';
import { loadWorkload, workloadNames } from './catalogue.mjs';
import { resolveRevision } from './revision.mjs';
import { measure, NOT_THERE } from './rounds.mjs';
import { nodes } from './runtimes.mjs';
import { verdictOf } from './verdict.mjs';

const USAGE = 'usage: pnpm bench:compare <rev> [--quick] [--node <major>] [<filter>...]';
const [NOW, AGAIN, THEN] = ['aiokit', 'aiokit@now', 'aiokit@then'];

/** The packages of a revision, built, with the workloads of this one; returns its `child.mjs`. */
function checkOut(revision, tree) {
  const run = (command, ...args) =>
    execFileSync(command, args, {
      cwd: tree,
      stdio: ['ignore', 'ignore', 'inherit'],
      shell: process.platform === 'win32',
    });
  execFileSync('git', ['worktree', 'add', '--quiet', '--detach', tree, revision], {
    cwd: root,
    stdio: 'inherit',
  });
  const flags = ['--frozen-lockfile', '--prefer-offline', '--ignore-scripts'];
  run('pnpm', 'install', ...flags);
  run('pnpm', 'exec', 'turbo', 'run', 'build', '--filter=./packages/*', '--output-logs=errors-only');
  const sources = join(tree, 'tools/bench/src');
  rmSync(sources, { recursive: true, force: true });
  cpSync(fileURLToPath(new URL('.', import.meta.url)), sources, { recursive: true });
  return join(sources, 'child.mjs');
}

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: { quick: { type: 'boolean', default: false }, node: { type: 'string', default: '20' } },
});
const [revision, ...filters] = positionals;
const node = nodes().find(({ major }) => String(major) === options.node)?.path;
if (revision === undefined || node === undefined) {
  console.error(revision === undefined ? USAGE : `Node ${options.node} is not installed\n${USAGE}`);
  process.exit(2);
}

const names = workloadNames(filters);
if (names.length === 0) {
  console.error(`no workload matches ${filters.join(', ')}; pnpm bench --list shows all`);
  process.exit(2);
}

const folder = realpathSync(mkdtempSync(join(tmpdir(), 'aiokit-compare-')));
const tree = join(folder, 'then');
try {
  const commit = resolveRevision(root, revision);
  const trees = { then: checkOut(commit, tree), now: fileURLToPath(new URL('child.mjs', import.meta.url)) };
  const [rounds, generation] = options.quick ? [6, 2] : [18, 3];
  console.log(
    `the working tree beside ${revision} (${commit.slice(0, 7)}), Node ${options.node}, ${rounds} rounds\n`,
  );
  const moved = [];
  const failed = [];
  for (const name of names) {
    const workload = await loadWorkload(name);
    if (!workload.subjects.includes(NOW) || workload.kind === 'lateness') continue;
    const n = Math.min(...workload.points.filter((point) => point >= 10_000), workload.points.at(-1));
    const ours = {
      ...workload,
      peers: [NOW, THEN, AGAIN],
      subjects: [NOW, THEN, AGAIN],
      fewer: {},
      points: [n],
    };
    const results = await measure(ours, n, {
      mode: 'plain',
      rounds,
      generation,
      minMs: options.quick ? 40 : 100,
      warmUpMs: options.quick ? 100 : workload.warmUpMs,
      commands: { node, trees },
    });
    const problem = [NOW, THEN, AGAIN].map((peer) => results[peer]?.problem).find(Boolean);
    if (problem !== undefined) {
      console.log(`${name.padEnd(26)} ${problem.split('\n')[0]}`);
      // A revision need not have what came later.
      if (problem !== NOT_THERE) failed.push(name);
      continue;
    }
    const [now, then, again] = [NOW, THEN, AGAIN].map((peer) => results[peer].rounds);
    const verdict = verdictOf(now, then, again, generation);
    const { change, noise, says } = verdict;
    const percent = (share) => `${share > 0 ? '+' : ''}${(100 * share).toFixed(1)} %`;
    console.log(
      `${name.padEnd(26)} ${percent(change).padStart(9)}  noise ±${(100 * noise).toFixed(1)} %  ${says}`,
    );
    if (says !== 'within noise') moved.push(`${name}: ${says} by ${percent(change)}`);
  }
  console.log(
    moved.length === 0 ? '\nnothing moved beyond noise' : `\nmoved beyond noise:\n  ${moved.join('\n  ')}`,
  );
  if (failed.length > 0) {
    console.log(`failed: ${failed.join(', ')}`);
    process.exitCode = 1;
  }
} finally {
  execFileSync('git', ['worktree', 'remove', '--force', tree], { cwd: root, stdio: 'ignore' });
  rmSync(folder, { recursive: true, force: true });
}
