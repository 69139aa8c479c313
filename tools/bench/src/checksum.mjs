/** Checksums show that every peer does the same work. They stay small integers in every engine. */
const MASK = 0xffffff;

/** Takes in a value; the result depends on the order of the values. */
export const fold = (sum, value) => (sum * 31 + value) & MASK;

/** Takes in a value; the result does not depend on the order, for work whose order peers need not agree on. */
export const add = (sum, value) => (sum + value) & MASK;

/** The checksum of 0 to n - 1, taken in by `take`. */
export function checksumOf(n, take) {
  let sum = 0;
  for (let value = 0; value < n; value++) sum = take(sum, value);
  return sum;
}
