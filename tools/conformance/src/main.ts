/** The command line: see README.md. */
import fc from 'fast-check';
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { campaign, ours, type Result, shrunk } from './campaign.js';
import type { Program } from './program.js';
import { anyProgram } from './programs.js';
import { findPython, Python, recordAll, REFERENCE } from './python.js';
import { linesOf, RECORDED } from './recorded.js';
import { sideBySide } from './side-by-side.js';

/** Of these the recorded traces are chosen. */
const CANDIDATES = { seed: 20, numRuns: 40_000 };
/** Of the programs, so many in a hundred may depend on a difference. */
const MOST_APART = 5;

const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '2000' },
    seed: { type: 'string', default: String((Math.random() * 0x7fffffff) | 0) },
    path: { type: 'string' },
    program: { type: 'string' },
    python: { type: 'string' },
    record: { type: 'boolean', default: false },
  },
});
const seed = Number(values.seed);
const command = values.python ?? findPython();
if (command === undefined) {
  console.error(`CPython ${REFERENCE} was not found. AIOKIT_PYTHON may name it.`);
  process.exit(2);
}

/** The last line says it all. */
function summary({ runs, apart, unexplained, ids, ms }: Result & { ms: number }, version: string): string {
  const counts = [...ids].sort(([, one], [, other]) => other - one).map(([id, count]) => `${id} ${count}`);
  const without = ((100 * (runs - apart)) / Math.max(runs, 1)).toFixed(1);
  const rate = Math.round((1000 * runs) / Math.max(ms, 1));
  return [
    `${apart} programs depend on a documented difference: ${counts.join(', ')}`,
    `${runs} programs as on CPython ${version} (seed ${seed}): ${unexplained} unexplained differences, ` +
      `${without} % depend on no difference, ${rate} a second`,
  ].join('\n');
}

async function replay(python: Python, path: string): Promise<boolean> {
  const mismatch = await shrunk(python, seed, path);
  console.log(mismatch ? sideBySide(mismatch) : 'the traces are equal');
  return mismatch === undefined;
}

async function runOne(python: Python, program: Program): Promise<boolean> {
  const [plain] = await python.run([program]);
  const aiokit = ours(program);
  const { trace, ids } = await python.apart(program);
  console.log(sideBySide({ program, asyncio: plain === aiokit ? plain : trace, aiokit }));
  console.log(plain === aiokit ? 'equal' : trace === aiokit ? `equal by ${ids.join(', ')}` : 'not equal');
  return trace === aiokit || plain === aiokit;
}

async function runMany(python: Python): Promise<boolean> {
  const version = await python.version;
  const reference = version === REFERENCE;
  const began = performance.now();
  const result = await campaign(python, Number(values.runs), seed, !reference);
  if (result.mismatch) console.log(sideBySide(result.mismatch));
  const few = result.apart <= Math.max(3, (MOST_APART / 100) * result.runs);
  if (reference && !few) console.log(`more than ${MOST_APART} % depend on a difference`);
  console.log(summary({ ...result, ms: performance.now() - began }, version));
  // What other versions do is reported, and no more.
  return !reference || (few && result.unexplained === 0);
}

async function main(python: Python): Promise<boolean> {
  if (values.program !== undefined) return runOne(python, JSON.parse(values.program) as Program);
  return values.path === undefined ? runMany(python) : replay(python, values.path);
}

if (values.record) {
  const text = recordAll(command, fc.sample(anyProgram, CANDIDATES));
  writeFileSync(RECORDED, text);
  console.log(`${linesOf(text).length} traces recorded`);
} else {
  const python = new Python(command);
  process.exitCode = (await main(python)) ? 0 : 1;
  python.close();
}
