/** `aiokit-debug watch`: draws again and again, obeys keys, and leaves the terminal as it was, whatever happens. */
import { afterKey, frameLines, keysOf, type View } from './cli-frame.js';
import type { Snapshot, Sort } from './snapshot.js';

/** The terminal. */
export interface Terminal {
  readonly columns: number;
  readonly rows: number;
  write(text: string): void;
  /** Calls back with what is typed, until it is ended. */
  keys(listener: (text: string) => void): () => void;
  /** Calls back when its size has changed, or it has gone; until it is ended. */
  resized(listener: () => void): () => void;
}

/** The program that is watched. */
export interface Watched {
  ask(question: object): Promise<unknown>;
  readonly closed: Promise<void>;
}

/** The clock of the watch. */
export interface Clock {
  now(): number;
  later(delayMs: number, callback: () => void): () => void;
}

const ENTER = '\x1b[?1049h\x1b[?25l\x1b[2J';
const LEAVE = '\x1b[?25h\x1b[?1049l';

/**
 * Watches until a key or the end of the program ends it.
 *
 * @param watched the program
 * @param terminal what it is drawn on
 * @param clock the host's
 * @param options how often, and in which order
 * @param stopped settles when something else ends it, a signal
 * @returns why it has ended
 */
export function watch(
  watched: Watched,
  terminal: Terminal,
  clock: Clock,
  options: { readonly intervalMs: number; readonly sort: Sort; readonly colours: boolean },
  stopped: Promise<void>,
): Promise<'quit' | 'gone'> {
  return new Promise((resolve, reject) => {
    let view: View = { sort: options.sort, reverse: false, offset: 0, paused: false, help: false };
    let snapshot: Snapshot | undefined;
    let before: Snapshot | undefined;
    let asked: number | undefined;
    let over = false;
    let cancel = (): void => {};

    const end = (why: 'quit' | 'gone', error?: unknown) => {
      if (over) return;
      over = true;
      cancel();
      endKeys();
      endResize();
      try {
        terminal.write(LEAVE);
      } catch {
        // It has gone, and needs nothing any more.
      }
      if (error === undefined) resolve(why);
      else reject(error instanceof Error ? error : new Error(String(error)));
    };
    const draw = () => {
      if (over) return;
      try {
        const { columns, rows } = terminal;
        const silentMs = asked === undefined ? 0 : clock.now() - asked;
        if (!snapshot) {
          terminal.write('\x1b[Hwaiting for the program to answer (q ends)\x1b[K');
          return;
        }
        const silent = silentMs >= options.intervalMs ? silentMs : 0;
        const picture = { snapshot, before, view, silentMs: silent };
        const { lines, title } = frameLines(picture, columns, rows);
        if (options.colours) lines[title] = `\x1b[7m${lines[title]}\x1b[27m`;
        terminal.write(`\x1b[H${lines.map((line) => `${line}\x1b[K`).join('\r\n')}\x1b[J`);
      } catch (error) {
        end('quit', error);
      }
    };
    const ask = () => {
      if (asked !== undefined) return;
      asked = clock.now();
      watched.ask({ ask: 'watch', sort: view.sort, reverse: view.reverse }).then(
        (answer) => {
          asked = undefined;
          if (view.paused) return;
          before = snapshot && (answer as Snapshot).now > snapshot.now ? snapshot : before;
          snapshot = answer as Snapshot;
          draw();
        },
        () => end('gone'),
      );
    };
    const turn = () => {
      if (over) return;
      if (!view.paused) ask();
      draw();
      cancel = clock.later(options.intervalMs, turn);
    };
    const endKeys = terminal.keys((text) => {
      for (const key of keysOf(text)) {
        const next = afterKey(view, key, snapshot?.tasks.length ?? 0, Math.max(1, terminal.rows - 6));
        if (!next) return end('quit');
        const again = next.sort !== view.sort || next.reverse !== view.reverse;
        view = next;
        if (again && !view.paused) ask();
      }
      draw();
    });
    const endResize = terminal.resized(draw);
    void watched.closed.then(() => end('gone'));
    void stopped.then(() => end('quit'));
    try {
      terminal.write(ENTER);
      turn();
    } catch (error) {
      end('quit', error);
    }
  });
}
