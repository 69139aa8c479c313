/** Where one stands in a recording, and where its controls lead. */
import type { Moment, Recording } from './recording.ts';

/** The first moment of the next instant; the last moment if there is none. */
export function nextInstant(moments: readonly Moment[], at: number): number {
  const now = moments[at]?.atMs ?? 0;
  const later = moments.findIndex((moment, index) => index > at && moment.atMs > now);
  return later < 0 ? moments.length - 1 : later;
}

/** The first moment of this instant; of the one before, if that is where one stands. */
export function previousInstant(moments: readonly Moment[], at: number): number {
  const start = Math.max(at - 1, 0);
  const now = moments[start]?.atMs ?? 0;
  const first = moments.findIndex(({ atMs }) => atMs === now);
  return Math.max(first, 0);
}

/** The choices that lead to another answer at one place; what follows is FIFO's. */
export function departing(recording: Recording, at: number, option: number): number[] {
  return [...recording.choices.slice(0, at), option];
}

/** What a moment is, in a sentence. */
export function sentenceOf(moments: readonly Moment[], at: number): string {
  const moment = moments[at];
  if (!moment) return 'Nothing has run.';
  return `Step ${at + 1} of ${moments.length}, ${moment.atMs} ms: ${moment.who} ${moment.what}`;
}

/** What was printed up to a moment, and when. */
export function printedUpTo(moments: readonly Moment[], at: number): { atMs: number; text: string }[] {
  return moments.slice(0, at + 1).flatMap(({ atMs, printed }) => printed.map((text) => ({ atMs, text })));
}

/** Names of all rows, in the order in which they first appear: those of the last moment, which has all. */
export function rowsOf(moments: readonly Moment[]): { tasks: string[]; things: string[] } {
  const last = moments.at(-1);
  return {
    tasks: last?.tasks.map(({ name }) => name) ?? [],
    things: last?.things.map(({ name }) => name) ?? [],
  };
}
