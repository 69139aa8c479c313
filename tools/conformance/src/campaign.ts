/** Many random programs on both sides. */
import fc from 'fast-check';
import { run } from './interpreter.js';
import type { Program } from './program.js';
import { anyProgram } from './programs.js';
import type { Python } from './python.js';
import { reduce } from './reduce.js';

const BATCH = 50;

/** What programs are compared with. */
export type Side = Pick<Python, 'run' | 'apart'>;

export interface Mismatch {
  readonly program: Program;
  readonly asyncio: string;
  readonly aiokit: string;
  /** Of fast-check: they make the program again. */
  readonly seed?: number;
  readonly path?: string;
}

export interface Result {
  runs: number;
  /** How many programs had another trace than asyncio's own, all of them explained by differences that have an id. */
  apart: number;
  /** How many of them depend on each. */
  readonly ids: Map<string, number>;
  /** How many had one that nothing explains. */
  unexplained: number;
  /** The first of these, shrunk. */
  mismatch: Mismatch | undefined;
}

/** The trace on aiokit; what the interpreter throws itself is a trace too. */
export function ours(program: Program): string {
  try {
    return run(program).join('\n');
  } catch (error) {
    return `the interpreter failed: ${(error as Error).stack ?? String(error)}`;
  }
}

/** The ids of the differences that the traces are equal with; undefined if they are not. */
async function explained(
  python: Side,
  program: Program,
  aiokit: string,
): Promise<readonly string[] | undefined> {
  const { trace, ids } = await python.apart(program);
  return trace === aiokit ? ids : undefined;
}

/** Campaigns of neighbouring seeds have nothing in common. */
const seedOf = (seed: number, batch: number): number => (Math.imul(seed, 0x9e3779b1) + batch) | 0;

/** Compares `runs` programs; ends at the first mismatch unless it is told to go on. */
export async function campaign(python: Side, runs: number, seed: number, goOn = false): Promise<Result> {
  const result: Result = { runs: 0, apart: 0, ids: new Map(), unexplained: 0, mismatch: undefined };
  const start = (batch: number) => {
    const numRuns = Math.min(BATCH, runs - batch * BATCH);
    if (numRuns <= 0) return undefined;
    const programs = fc.sample(anyProgram, { seed: seedOf(seed, batch), numRuns });
    const answers = python.run(programs);
    answers.catch(() => {});
    return { programs, answers };
  };
  let next = start(0);
  for (let batch = 0; next !== undefined; batch++) {
    const { programs, answers } = next;
    const traces = programs.map(ours);
    next = start(batch + 1);
    for (const [index, asyncio] of (await answers).entries()) {
      const program = programs[index] as Program;
      const aiokit = traces[index] as string;
      result.runs++;
      if (asyncio === aiokit) continue;
      const ids = await explained(python, program, aiokit);
      if (ids === undefined) {
        result.unexplained++;
        if (result.mismatch) continue;
        const place = { seed: seedOf(seed, batch), path: String(index) };
        const least = await shrunk(python, place.seed, place.path);
        result.mismatch = least ?? { program, asyncio, aiokit, ...place };
        if (!goOn) return result;
        continue;
      }
      result.apart++;
      for (const id of ids) result.ids.set(id, (result.ids.get(id) ?? 0) + 1);
    }
  }
  return result;
}

/** The program at a path, and the least like it that has another trace too. */
export async function shrunk(python: Side, seed: number, path: string): Promise<Mismatch | undefined> {
  const holds = async (program: Program): Promise<boolean> => {
    const [asyncio] = await python.run([program]);
    const aiokit = ours(program);
    return asyncio === aiokit || (await explained(python, program, aiokit)) !== undefined;
  };
  const property = fc.asyncProperty(anyProgram, holds);
  const { counterexample, counterexamplePath } = await fc.check(property, { seed, path, numRuns: 1 });
  if (!counterexample || counterexamplePath === null) return undefined;
  const program = await reduce(counterexample[0], async (less) => !(await holds(less)));
  const { trace } = await python.apart(program);
  return { program, asyncio: trace, aiokit: ours(program), seed, path: counterexamplePath };
}
