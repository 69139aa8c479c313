/** Programs on virtual time that note in which iteration of the loop something happens. */
import { VirtualLoop } from '@aiokit/loop-core/virtual';
import type { Coroutine } from '@aiokit/task';

/** Notes a text, with the number of iterations since the start. */
export type Note = (what: string) => void;

/** Runs a main coroutine on a loop of its own, and returns what was noted. */
export function ticks(main: (note: Note, loop: VirtualLoop) => Coroutine<unknown>): string[] {
  const loop = new VirtualLoop();
  const notes: string[] = [];
  let tick = -1;
  const clock = {
    run() {
      tick++;
      loop.enqueue(clock);
    },
  };
  function* start(): Coroutine<unknown> {
    return yield* main((what) => void notes.push(`${what} +${tick}`), loop);
  }
  loop.enqueue(clock);
  try {
    loop.runUntilComplete(start());
  } finally {
    loop.close();
  }
  return notes;
}
