/** What a mutant is: an old bug of somebody else's, made again in our source. */

/** A bug, as texts of one of our files that are replaced. */
export interface Mutant {
  readonly name: string;
  /** Where it was reported or mended first; or in which release of a package it is, where no report is known. */
  readonly upstream: readonly string[];
  readonly file: string;
  /** Each text stands in the file once. */
  readonly replace: readonly (readonly [text: string, by: string])[];
  /** The scenario that must find it. */
  readonly scenario: string;
}

/** At most so many lines of a patch. */
export const MOST_LINES = 20;

/** The source with the bug in it. Refuses a patch that does not apply any more. */
export function applied({ name, file, replace }: Mutant, source: string): string {
  let changed = source;
  let lines = 0;
  for (const [text, by] of replace) {
    const found = changed.split(text).length - 1;
    if (found !== 1) throw new Error(`${name}: "${text}" is in ${file} ${found} times`);
    changed = changed.replace(text, () => by);
    lines += Math.max(text.split('\n').length, by.split('\n').length);
  }
  if (lines > MOST_LINES) throw new Error(`${name}: ${lines} lines are changed, more than ${MOST_LINES}`);
  return changed;
}
