/** What the page is made of: the figures of a run, without its rounds. They are checked in. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isSound } from './statistics.mjs';
import { loadWorkload, workloadNames } from './catalogue.mjs';

const results = fileURLToPath(new URL('../results/', import.meta.url));

const digits = (value) => Number(value.toPrecision(4));
const spread = ({ median, q1, q3 }) => ({ median: digits(median), q1: digits(q1), q3: digits(q3) });

function figureOf({ problem, label, n, median, q1, q3, latest, ratio, growth }) {
  if (problem !== undefined) return { problem: problem.split('\n')[0] };
  return {
    label,
    n,
    ...spread({ median, q1, q3 }),
    ...(latest === undefined ? {} : { latest: digits(latest) }),
    ...(ratio ? { ratio: spread(ratio) } : {}),
    ...(growth ? { growth: spread(growth) } : {}),
  };
}

/**
 * The newest complete run in `results/`: one that was given no filter. Undefined if there is none.
 *
 * @returns {string | undefined}
 */
export function newestRun() {
  const files = existsSync(results) ? readdirSync(results).filter((file) => file.endsWith('.json')) : [];
  return files
    .sort()
    .reverse()
    .map((file) => join(results, file))
    .find((path) => {
      const { names = [], rows } = JSON.parse(readFileSync(path, 'utf8'));
      const done = new Set(rows.map(({ workload }) => workload));
      return workloadNames().every((name) => names.includes(name) && done.has(name));
    });
}

/** A run as it is checked in: what it was run on, the workloads, and the rows outside stores. */
export async function figuresOf(run) {
  const { date, revision, machine, rounds, nodes, rows } = run;
  const workloads = {};
  for (const name of new Set(rows.map((row) => row.workload))) {
    const { title, unit, kind, peers, subjects, points, uses } = await loadWorkload(name);
    workloads[name] = { title, unit, kind, uses, peers, subjects, points };
  }
  const taken = rows.flatMap((row) => Object.values(row.figures).flatMap((figure) => figure.rounds ?? []));
  const disturbed = { rounds: taken.filter((round) => !isSound(round)).length, of: taken.length };
  return {
    date,
    revision,
    disturbed,
    machine,
    rounds,
    nodes,
    workloads,
    rows: rows
      .filter(({ mode }) => mode === 'plain')
      .map(({ workload, point, major, figures }) => ({
        workload,
        point,
        major,
        figures: Object.fromEntries(
          Object.entries(figures).map(([peer, figure]) => [peer, figureOf(figure)]),
        ),
      })),
  };
}
