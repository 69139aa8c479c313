/** Medians, quartiles and ratios of what the rounds measured. */

/** The value below which a share `q` of the values lies, interpolated between neighbours. */
export function quantile(values, q) {
  if (values.length === 0) throw new RangeError('no values');
  const sorted = [...values].sort((a, b) => a - b);
  const at = (sorted.length - 1) * q;
  const below = Math.floor(at);
  const above = Math.ceil(at);
  return sorted[below] + (sorted[above] - sorted[below]) * (at - below);
}

export const median = (values) => quantile(values, 0.5);

/** Median and quartiles. */
export const summarize = (values) => ({
  median: median(values),
  q1: quantile(values, 0.25),
  q3: quantile(values, 0.75),
});

/** A process that had a processor for less of the time shared it with other programs. */
const SOUND_SHARE = 0.9;

/** Whether other programs left a round alone. */
export const isSound = ({ share }) => share >= SOUND_SHARE;

/** Fewer sound rounds say less than all rounds do. */
const ENOUGH = 3;

/** The rounds, of one series or several side by side, that are sound in each; all of them if too few are. */
export function soundRounds(...series) {
  const [first] = series;
  const sound = first.map((_, round) => series.every((rounds) => isSound(rounds[round])));
  const kept = sound.filter(Boolean).length < ENOUGH ? first.map(() => true) : sound;
  return series.map((rounds) => rounds.filter((_, round) => kept[round]));
}

/** The ratios of two series, round by round: what slows the machine for a while slows both sides of a ratio. */
export const ratios = (ours, theirs) => {
  if (ours.length !== theirs.length) throw new RangeError(`${ours.length} rounds against ${theirs.length}`);
  return ours.map((value, round) => value / theirs[round]);
};
