/** Lets `aiokit-debug ps|pstree|watch <pid>` look into this process. */
import { refuse } from '@aiokit/loop-core';
import { ps, pstree } from './inspect.js';
import { ATTACH_SIGNAL } from './internal/attach-files.js';
import { type Answering, openAttach } from './internal/attach-server.js';
import { builtin } from './internal/builtin.js';
import { type Sort, SORTS, Watching } from './internal/snapshot.js';

/** When a process can be attached to. */
export interface AttachOptions {
  /** Whether the socket is opened at once, and stays open; else on the signal that `aiokit-debug` sends. */
  readonly now?: boolean | undefined;
}

interface Process {
  on(signal: string, listener: () => void): void;
  off(signal: string, listener: () => void): void;
}

const MOST_ROWS = 1000;

/** What answers one that is attached. */
function answering(): Answering {
  let watching: Watching | undefined;
  return {
    answer({ ask, sort, reverse, rows }) {
      if (ask === 'ps') return ps();
      if (ask === 'pstree') return pstree();
      if (ask !== 'watch') return undefined;
      watching ??= new Watching();
      const order = SORTS.includes(sort as Sort) ? (sort as Sort) : 'since';
      return watching.look(order, reverse === true, Math.min(Number(rows) || MOST_ROWS, MOST_ROWS));
    },
    left() {
      watching?.end();
      watching = undefined;
    },
  };
}

/**
 * Lets `aiokit-debug` attach to this process: the command of this user, on this machine, and nobody else.
 *
 * Nothing listens before it is asked: `aiokit-debug` sends SIGURG, which other programs ignore, and a Unix socket is opened
 * in a folder of the user's alone. Whoever attaches must know the token that lies there. It is closed ten seconds after the
 * last one has left. `node --import @aiokit/debug/register` calls it. Only the main thread of Node, Deno and Bun has it;
 * elsewhere it does nothing. Windows has no such signal: `{ now: true }`.
 *
 * @param options when
 * @returns ends it; what others have opened stays open
 * @throws TypeError naming the option; nothing has changed
 * @source DEBUG-14 · CPython 3.14 `python -m asyncio ps`, which reads the process's memory
 */
export function allowAttach({ now = false }: AttachOptions = {}): () => void {
  if (typeof now !== 'boolean') refuse('now', 'true or false', now);
  const threads = builtin<{ readonly isMainThread: boolean }>('worker_threads');
  if (!threads?.isMainThread || !builtin('net')) return () => {};
  const { process } = globalThis as unknown as { process: Process };
  let leave = (): void => {};
  const open = () => {
    const before = leave;
    leave = openAttach(answering, now);
    before();
  };
  if (now) open();
  else process.on(ATTACH_SIGNAL, open);
  return () => {
    process.off(ATTACH_SIGNAL, open);
    leave();
  };
}
