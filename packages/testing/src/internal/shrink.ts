/** Makes a failing schedule simpler: as few departures from FIFO as can be, as early an end. */
import type { FailureKind } from '../report.js';
import type { Run } from './execute.js';

const RUNS = 400;

const departures = (choices: readonly number[]): number => choices.filter((choice) => choice !== 0).length;

/** A shorter list of choices that fails in the same way. */
export async function shrink(
  choices: readonly number[],
  kind: FailureKind,
  run: (choices: readonly number[]) => Promise<Run>,
): Promise<number[]> {
  let best = [...choices];
  let left = RUNS;
  const attempt = async (candidate: readonly number[]): Promise<boolean> => {
    if (left-- <= 0) return false;
    const { wrong, schedule } = await run(candidate);
    const found = schedule.trimmed();
    if (wrong?.kind !== kind || departures(found) > departures(best)) return false;
    if (departures(found) === departures(best) && found.length > best.length) return false;
    best = found;
    return true;
  };
  // The tail first: halves, then smaller pieces.
  for (let size = best.length; size >= 1; size = Math.floor(size / 2)) {
    for (let at = best.length - size; at >= 0; at -= size) {
      const candidate = best.map((choice, index) => (index >= at && index < at + size ? 0 : choice));
      if (candidate.some((choice, index) => choice !== best[index])) await attempt(candidate);
    }
  }
  for (let again = true; again && left > 0; ) {
    again = false;
    for (let at = best.length - 1; at >= 0 && !again; at--) {
      const choice = best[at] as number;
      if (choice === 0) continue;
      const without = best.map((other, index) => (index === at ? 0 : other));
      const lower = best.map((other, index) => (index === at ? 1 : other));
      again = (await attempt(without)) || (choice > 1 && (await attempt(lower)));
    }
  }
  return best;
}
