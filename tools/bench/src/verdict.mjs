/** Whether a difference between two builds is more than the noise of the machine and the compiler. */
import { median } from './statistics.mjs';

const logRatio = (one, other) => Math.log(one / other);

/** Less than this is of no interest, however sure it is. */
const LEAST = 0.02;

/**
 * Compares three series of rounds, taken in alternation: now, then, and now once more. Each generation of processes is one
 * observation, since the compiler decides anew in each. A difference counts if all generations agree on its direction
 * and it is greater than any between the two series of now.
 *
 * @param {readonly { values: readonly number[] }[]} now
 * @param {readonly { values: readonly number[] }[]} then
 * @param {readonly { values: readonly number[] }[]} again
 * @param {number} generation rounds of one process
 * @returns {{ change: number, noise: number, says: 'slower' | 'faster' | 'within noise' }} shares: 0.1 is ten per cent
 */
export function verdictOf(now, then, again, generation) {
  const generations = (rounds) => {
    const groups = [];
    for (let at = 0; at < rounds.length; at += generation) {
      groups.push(median(rounds.slice(at, at + generation).map(({ values: [value = 0] }) => value)));
    }
    return groups;
  };
  const [ours, theirs, same] = [now, then, again].map(generations);
  // The mean of both series of now is beside then, so that one of them cannot be lucky.
  const changes = theirs.map((value, at) => logRatio(Math.sqrt(ours[at] * same[at]), value));
  const noises = same.map((value, at) => Math.abs(logRatio(ours[at], value)));
  const change = Math.expm1(median(changes));
  const noise = Math.expm1(Math.max(...noises));
  const agreed = changes.every((one) => one > 0) || changes.every((one) => one < 0);
  const moved = agreed && Math.abs(median(changes)) > Math.max(...noises) && Math.abs(change) > LEAST;
  return { change, noise, says: moved ? (change > 0 ? 'slower' : 'faster') : 'within noise' };
}
