/** A mismatch, as it is printed. */
import type { Mismatch } from './campaign.js';
import type { Steps } from './program.js';

const WIDTH = 78;

function cells(line: string | undefined): string[] {
  const found: string[] = [];
  for (const [at, note] of (line ?? '').split('; ').entries())
    found.push(...cut(at > 0 ? `  ${note}` : note));
  return found;
}

const cut = (text: string): string[] => text.match(new RegExp(`.{1,${WIDTH}}`, 'g')) ?? [''];

const print = (steps: Steps): string => steps.map((step) => `    ${JSON.stringify(step)}`).join('\n');

/** The program, both traces beside each other, and what replays it. */
export function sideBySide({ program, asyncio, aiokit, seed, path }: Mismatch): string {
  const { tasks, ...rest } = program;
  const lines = [`program ${JSON.stringify(rest)}`];
  for (const [number, steps] of tasks.entries()) lines.push(`  T${number}`, print(steps));
  lines.push('', `  ${'asyncio'.padEnd(WIDTH)} │ aiokit`);
  const [left, right] = [asyncio.split('\n'), aiokit.split('\n')];
  for (let at = 0; at < Math.max(left.length, right.length); at++) {
    const [one, other] = [cells(left[at]), cells(right[at])];
    const mark = left[at] === right[at] ? ' ' : '≠';
    for (let row = 0; row < Math.max(one.length, other.length); row++) {
      lines.push(`${mark} ${(one[row] ?? '').padEnd(WIDTH)} │ ${other[row] ?? ''}`);
    }
  }
  if (path !== undefined) lines.push('', `replay: pnpm conformance --seed ${seed} --path ${path}`);
  return lines.join('\n');
}
