/** `pnpm bench`: measures, prints the table and writes the figures as JSON to `results/`. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus, platform, totalmem } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { root } from '../../repo/workspace.mjs';
import { benchHooks } from './hooks.mjs';
import { loadWorkload, workloadNames } from './catalogue.mjs';
import { modes } from './modes.mjs';
import { addGrowth, limitsOf, rowOf } from './report.mjs';
import { meansOf } from './means.mjs';
import { measure } from './rounds.mjs';
import { nodes, python } from './runtimes.mjs';
import { revisionOf } from './revision.mjs';
import { isSound } from './statistics.mjs';
import { blockOf, LEGEND } from './table.mjs';

const USAGE = `usage: pnpm bench [--quick] [--rounds <n>] [--node <major>]... [--mode ${Object.keys(modes).join('|')}]... [--list] [<filter>...]

A filter is a part of a workload's name. --quick: 3 short rounds, no store; for a curve
one, on the newest Node. Without --node there are columns for Node 20
and the newest.

  pnpm bench --quick --node 20 task-spawn    one row in seconds
  pnpm bench task                            all rows of tasks
  pnpm bench hooks [--quick]                 what debug's hooks cost, off and on`;

/** The oldest Node that is supported. */
const OLDEST = 20;

/** A round of more operations warms itself up where time is short. */
const WARM = 50_000;

/** Rounds after which the processes are replaced, and all that there are in a store. */
const GENERATION = 3;

function parse() {
  try {
    const { values, positionals } = parseArgs({
      allowPositionals: true,
      options: {
        quick: { type: 'boolean', default: false },
        rounds: { type: 'string' },
        node: { type: 'string', multiple: true },
        mode: { type: 'string', multiple: true },
        list: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    });
    const rounds = Number(values.rounds ?? (values.quick ? 3 : 6));
    if (!Number.isInteger(rounds) || rounds < 1)
      throw new RangeError(`--rounds must be 1 or more, got ${values.rounds}`);
    const mode = values.mode ?? (values.quick ? ['plain'] : Object.keys(modes));
    for (const name of mode) if (!Object.hasOwn(modes, name)) throw new RangeError(`no mode ${name}`);
    return {
      ...values,
      rounds,
      mode,
      minMs: values.quick ? 40 : 100,
      warmUpMs: values.quick ? 100 : Infinity,
      filters: positionals,
    };
  } catch (error) {
    console.error(`${error.message}\n\n${USAGE}`);
    process.exit(2);
  }
}

/** What is under way, in a line that the next one replaces. */
function showProgress(text) {
  if (process.stderr.isTTY) process.stderr.write(`\r\x1B[K${text}`);
}

/** Measures all points of a workload on all columns. */
async function measureWorkload(workload, columns, { quick, rounds, minMs, warmUpMs, pythonCommand }) {
  const rows = [];
  const newest = columns.at(-1)?.node;
  const isCurve = workload.points.length > 1;
  const measured = columns.filter(({ node }) => node.path && !(quick && isCurve && node !== newest));
  for (const { node, mode } of measured) {
    const curve = [];
    for (const point of workload.points) {
      const results = await measure(workload, point, {
        mode,
        minMs,
        warmUpMs: quick && point > WARM ? 0 : Math.min(workload.warmUpMs, warmUpMs),
        rounds: Math.min(
          rounds,
          quick && workload.points.length > 1 ? 1 : workload.maxRounds,
          mode === 'plain' ? Infinity : GENERATION,
        ),
        generation: GENERATION,
        commands: { node: node.path, python: pythonCommand },
      });
      curve.push(rowOf(workload, { point, major: node.major, mode, results }));
    }
    if (curve.length > 1) addGrowth(curve);
    rows.push(...curve);
  }
  return rows;
}

const options = parse();
const names = workloadNames(options.filters);
if (options.help) console.log(USAGE);
else if (options.filters[0] === 'hooks') benchHooks(options.quick);
else if (options.list) console.log(names.join('\n'));
else if (names.length === 0) {
  console.error(`no workload matches ${options.filters.join(', ')}; --list shows all`);
  process.exitCode = 2;
} else {
  const chosen = nodes().filter(
    ({ major }, at, { length }) =>
      options.node?.includes(String(major)) ?? (major === OLDEST || at === length - 1),
  );
  const columns = chosen.flatMap((node) => options.mode.map((mode) => ({ node, mode })));
  const began = new Date();
  const machine = { platform: platform(), cpu: cpus()[0]?.model, cores: cpus().length, memory: totalmem() };
  console.log(`${machine.cores} × ${machine.cpu}, ${options.rounds} rounds\n\n${LEGEND}`);
  const revision = revisionOf(root);
  const rows = [];
  const folder = fileURLToPath(new URL('../results/', import.meta.url));
  mkdirSync(folder, { recursive: true });
  const file = `${folder}${began.toISOString().replaceAll(/[:.]/g, '-').toLowerCase()}.json`;
  /** Writes what there is after every row: a run that is ended early keeps its figures. */
  const save = () => {
    const { rounds, minMs } = options;
    const versions = chosen.map(({ version }) => version);
    const results = { date: began, revision, machine, rounds, minMs, nodes: versions, names, rows };
    writeFileSync(file, `${JSON.stringify(results, null, 1)}\n`);
  };
  for (const [at, name] of names.entries()) {
    showProgress(`${at + 1} of ${names.length}: ${name}`);
    const workload = await loadWorkload(name);
    const measured = await measureWorkload(workload, columns, { ...options, pythonCommand: python() });
    rows.push(...measured);
    save();
    showProgress('');
    console.log(blockOf(workload, measured, columns));
  }
  const judged = limitsOf(rows);
  const over = judged.filter((one) => one.over);
  const all = rows.flatMap((row) => Object.values(row.figures).flatMap(({ rounds: taken = [] }) => taken));
  const disturbed = all.filter((round) => !isSound(round));
  const seconds = Math.round((Date.now() - began.getTime()) / 1000);
  console.log(
    `${judged.length - over.length} of ${judged.length} limits kept, ${seconds} s; other programs disturbed ${disturbed.length} of ${all.length} rounds`,
  );
  for (const { row, peer, value, limit } of over) {
    console.log(`  over: ${row.workload}, Node ${row.major}, ${peer}: ${value.toPrecision(3)} > ${limit}`);
  }
  for (const { title, major, rows: count, value, limit, over: isOver } of meansOf(rows)) {
    const judged = limit === undefined ? '' : isOver ? ` > ${limit} !` : ` ≤ ${limit}`;
    console.log(
      `  ${title}, Node ${major}: geometric mean of ${count} rows ${value.toPrecision(3)}${judged}`,
    );
  }
  const problems = rows.flatMap(({ workload, major, mode, figures }) =>
    Object.entries(figures)
      .filter(([, { problem }]) => problem?.startsWith('failed'))
      .map(([peer, { problem }]) => `${workload}, Node ${major}, ${modes[mode]}, ${peer} ${problem}`),
  );
  for (const problem of problems) console.error(problem);
  if (problems.length > 0) process.exitCode = 1;
  console.log(file);
}
