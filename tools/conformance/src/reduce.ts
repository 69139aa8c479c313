/** Programs that are a little less than a given one: fast-check leaves steps in the middle of a list. */
import type { Program, Step, Steps } from './program.js';

const isStep = (value: unknown): value is Step =>
  Array.isArray(value) && typeof value[0] === 'string' && !/^[A-Z]\d+$/.test(value[0]);
const isSteps = (value: unknown): value is Steps => Array.isArray(value) && value.every(isStep);

/** The same list with something else in place of one of its elements. */
const instead = <T>(list: readonly T[], at: number, ...others: readonly T[]): T[] => [
  ...list.slice(0, at),
  ...others,
  ...list.slice(at + 1),
];

/** Lists from which an element was left out, or replaced by what is in it, or which have less in an element. */
function* lessOfList(list: readonly unknown[]): Generator<unknown[]> {
  for (const at of list.keys()) yield instead(list, at);
  for (const [at, one] of list.entries()) {
    if (!Array.isArray(one)) continue;
    if (isStep(one)) for (const inner of one.slice(1)) if (isSteps(inner)) yield instead(list, at, ...inner);
    for (const less of isStep(one) ? lessOfStep(one) : lessOfList(one)) yield instead(list, at, less);
  }
}

function* lessOfStep(step: Step): Generator<unknown[]> {
  for (const [at, one] of step.entries()) {
    if (Array.isArray(one)) for (const less of lessOfList(one)) yield instead<unknown>(step, at, less);
    else if (typeof one === 'number' && one > 0) yield instead<unknown>(step, at, 0);
  }
}

/** All that are one change away, the least first. */
function* lessThan(program: Program): Generator<Program> {
  for (const tasks of lessOfList(program.tasks)) yield { ...program, tasks: tasks as Steps[] };
  const { at = [] } = program;
  for (const index of at.keys()) yield { ...program, at: instead(at, index) };
  for (const kind of ['S', 'B', 'W', 'Q'] as const) {
    if (program[kind] === undefined) continue;
    const { [kind]: _, ...rest } = program;
    yield rest;
  }
}

/** The least program that still fails, one change after the other. */
export async function reduce(
  program: Program,
  fails: (program: Program) => Promise<boolean>,
): Promise<Program> {
  for (const less of lessThan(program)) if (await fails(less)) return reduce(less, fails);
  return program;
}
