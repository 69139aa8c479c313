/**
 * `pnpm bench hooks`: what debug's hooks cost. Off: our packages as built against the same without hooks, in alternating pairs
 * of processes. On: stacks, accounting, the check for cycles, listings.
 */
import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { transformSync } from 'esbuild';
import { median } from './statistics.mjs';

const PACKAGES = ['loop-core', 'future', 'task', 'sync-primitives', 'queue', 'debug'];
/** Two sides of the Student distribution, 5 % together, by the number of pairs. */
const STUDENT = { 10: 2.262, 30: 2.045 };
const packages = fileURLToPath(new URL('../../../packages/', import.meta.url));
const child = fileURLToPath(new URL('hooks/child.mjs', import.meta.url));

/** A file without hooks: what is asked of them is known to be undefined, and left out. */
const withoutHooks = (code) =>
  code
    .replaceAll('const { hooks } = realm;', '')
    .replaceAll(/\brealm\.hooks\b/g, '(void 0)')
    .replaceAll(/(?<![.\w])hooks\?\./g, '(void 0)?.')
    .replaceAll(/if \(hooks\) hooks\./g, 'if (void 0) (void 0).');

/** Copies the packages as built, both ways through the same compiler. */
function build(folder, change) {
  for (const name of PACKAGES) {
    const to = join(folder, 'node_modules/@aiokit', name);
    cpSync(join(packages, name, 'package.json'), join(to, 'package.json'));
    cpSync(join(packages, name, 'dist'), join(to, 'dist'), { recursive: true });
    for (const file of readdirSync(join(to, 'dist'), { recursive: true, encoding: 'utf8' })) {
      if (!file.endsWith('.js')) continue;
      const path = join(to, 'dist', file);
      const code = readFileSync(path, 'utf8');
      const { code: made } = transformSync(name === 'debug' ? code : change(code), {
        minifySyntax: true,
        format: 'esm',
        target: 'es2022',
      });
      if (change === withoutHooks && name !== 'debug' && /\brealm\.hooks\b|(?<![.\w])hooks\?\./.test(made)) {
        throw new Error(`${name}/${file} has hooks still`);
      }
      writeFileSync(path, made);
    }
  }
  cpSync(child, join(folder, 'child.mjs'));
}

const run = (folder, what) =>
  JSON.parse(execFileSync(process.execPath, [join(folder, 'child.mjs'), what], { encoding: 'utf8' }));

/** The mean of the ratios, and the upper end of its 95 % interval. */
function interval(ratios) {
  const logs = ratios.map(Math.log);
  const mean = logs.reduce((sum, one) => sum + one, 0) / logs.length;
  const variance = logs.reduce((sum, one) => sum + (one - mean) ** 2, 0) / (logs.length - 1);
  const half = (STUDENT[logs.length] ?? 2.3) * Math.sqrt(variance / logs.length);
  return { mean: Math.exp(mean), upper: Math.exp(mean + half) };
}

const percent = (ratio) => `${((ratio - 1) * 100).toFixed(1)} %`;

/** Measures and prints. `quick` takes ten pairs. */
export function benchHooks(quick) {
  const folder = mkdtempSync(join(tmpdir(), 'aiokit-hooks-'));
  try {
    const [hooked, bare] = [join(folder, 'hooked'), join(folder, 'bare')];
    build(hooked, (code) => code);
    build(bare, withoutHooks);
    const pairs = quick ? 10 : 30;
    const ratios = {};
    for (let pair = 0; pair < pairs; pair++) {
      const [first, second] = pair % 2 === 0 ? [hooked, bare] : [bare, hooked];
      const [a, b] = [run(first, 'off'), run(second, 'off')];
      const [ours, theirs] = first === hooked ? [a, b] : [b, a];
      for (const name of Object.keys(ours)) (ratios[name] ??= []).push(ours[name] / theirs[name]);
    }
    const rows = Object.entries(ratios).map(([name, list]) => {
      const { mean, upper } = interval(list);
      return {
        row: `hooks compiled in, debug off: ${name}`,
        figure: `${percent(mean)}, up to ${percent(upper)}`,
        limit: '3 %',
        kept: upper <= 1.03,
      };
    });
    const runs = Array.from({ length: quick ? 3 : 7 }, () => run(hooked, 'on'));
    const figure = (name) => median(runs.map((one) => one[name]));
    const add = (row, name, limit, show) =>
      rows.push({ row, figure: show(figure(name)), limit: show(limit), kept: figure(name) <= limit });
    const ns = (value) => `${value.toFixed(0)} ns`;
    add('stack of a task that is made', 'stack', 2500, ns);
    add('accounting without stacks, on steps of 2 µs', 'accounting', 1.1, percent);
    add('check for a cycle behind a chain of 10', 'cycle', 50, ns);
    add('ps() of 100,000 tasks', 'ps', 300e6, (value) => `${(value / 1e6).toFixed(0)} ms`);
    add('pstree() of 100,000 tasks', 'pstree', 300e6, (value) => `${(value / 1e6).toFixed(0)} ms`);
    console.log(`Node ${process.versions.node}, ${pairs} alternating pairs of processes`);
    console.table(rows);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
