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

/** The ratios of two series, round by round: what slows the machine for a while slows both sides of a ratio. */
export const ratios = (ours, theirs) => {
  if (ours.length !== theirs.length) throw new RangeError(`${ours.length} rounds against ${theirs.length}`);
  return ours.map((value, round) => value / theirs[round]);
};
