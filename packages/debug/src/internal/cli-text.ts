/** Text on a terminal: its width, and what names of tasks may not do to it. */

/** What takes two columns: East Asian letters and signs. */
const WIDE =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{1f300}-\u{1faff}\u{20000}-\u{3fffd}]/u;
const NARROW = /\p{Mn}|\p{Me}|\p{Cf}/u;

/** So many columns of the terminal. */
export function widthOf(text: string): number {
  let width = 0;
  for (const char of text) width += NARROW.test(char) ? 0 : WIDE.test(char) ? 2 : 1;
  return width;
}

/** Without what a terminal obeys: control characters are shown as `?`. */
export const harmless = (text: string): string =>
  // oxlint-disable-next-line eslint/no-control-regex -- these are what is meant
  text.replace(/[\x00-\x09\x0b-\x1f\x7f-\x9f]/g, '?');

/** Cut, or filled with blanks, to a width. */
export function fit(text: string, width: number): string {
  const line = harmless(text).replace(/\n/g, '?');
  const whole = widthOf(line);
  if (whole <= width) return line + ' '.repeat(width - whole);
  let cut = '';
  let used = 0;
  for (const char of line) {
    const wide = widthOf(char);
    if (used + wide > width - 1) break;
    cut += char;
    used += wide;
  }
  return width <= 0 ? '' : `${cut}…${' '.repeat(Math.max(0, width - 1 - used))}`;
}
