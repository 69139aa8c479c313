/**
 * What the watchdog's thread does. These functions are sent to it as text: they use nothing from outside themselves.
 *
 * The watched thread counts up at every beat. A beat that does not come is a block; the thread's own late turns, as after a
 * sleep of the machine, do not count for more than one.
 */

/** What the watchdog knows of the watched thread. */
export interface Pulse {
  /** The beats so far. */
  beats(): number;
  /** Whether nothing is to be reported: a filter says so, or an inspector is open. */
  quiet(): boolean;
  /** What was known last of what runs. */
  place(): string;
}

/** A block that is over. */
export interface BlockOver {
  readonly blockedMs: number;
  readonly where: string;
}

/** What the watchdog needs of its thread. */
export interface WatchdogHost {
  now(): number;
  /** Asks the watched thread where it is; answers now, later, or not at all if it cannot. */
  ask(answer: (where: string) => void): void;
  /** Writes a report, while the other thread is blocked. */
  write(report: string): void;
  /** Tells the other thread, which is not blocked any more. */
  over(block: BlockOver): void;
}

/**
 * Makes what is called at every turn of the watchdog.
 *
 * @param pulse the watched thread's
 * @param limitMs a block is reported after so many milliseconds, and whenever it has become twice as long
 * @param periodMs how often it is called
 * @param host its thread
 */
export function makeWatchdog(
  pulse: Pulse,
  limitMs: number,
  periodMs: number,
  host: WatchdogHost,
): () => void {
  /** How long an answer is waited for before there is a report without one. */
  const patienceMs = 500;
  let beats = pulse.beats();
  let turn = host.now();
  let blockedMs = 0;
  let next = limitMs;
  /** What it has answered, and what is known without. */
  let where = '';
  let known = '';
  let askedMs: number | undefined;
  let reported = false;

  const report = (answered: boolean): void => {
    askedMs = undefined;
    reported = true;
    next = Math.max(next, blockedMs) * 2;
    const step = pulse.place();
    if (step !== '') known = `\nThe last step of a task that began is of ${step}`;
    const native =
      '\nIt runs code of the host that nobody can look into, as a synchronous system call; its place is said when it returns';
    const place = where || known || (answered ? '' : native);
    host.write(
      `the loop has been blocked for ${(blockedMs / 1000).toFixed(3)} seconds, and still is${place}`,
    );
  };
  const ask = (): void => {
    const block = beats;
    askedMs = blockedMs;
    host.ask((answer) => {
      if (block !== beats) return;
      where = answer;
      if (askedMs !== undefined && pulse.beats() === beats) report(true);
    });
  };
  return () => {
    const now = host.now();
    const passed = Math.min(now - turn, periodMs * 2);
    turn = now;
    const seen = pulse.beats();
    if (seen === beats) {
      blockedMs += passed;
      if (pulse.quiet()) return;
      if (askedMs === undefined && blockedMs >= next) ask();
      else if (askedMs !== undefined && blockedMs - askedMs >= patienceMs) report(false);
      return;
    }
    if (reported) host.over({ blockedMs, where: where || known });
    beats = seen;
    blockedMs = 0;
    next = limitMs;
    where = known = '';
    askedMs = undefined;
    reported = false;
  };
}

/** What the thread is given. */
export interface WatchdogData {
  readonly shared: SharedArrayBuffer;
  readonly limitMs: number;
  readonly periodMs: number;
  /** What says where the watched thread is, evaluated there; empty if it cannot be asked. */
  readonly question: string;
}

interface InspectorSession {
  connectToMainThread(): void;
  disconnect(): void;
  post(
    method: string,
    params: object,
    reply: (error: unknown, reply?: { result?: { value?: unknown } }) => void,
  ): void;
}
interface NodeThread {
  readonly fs: { writeSync(file: number, text: string): void };
  readonly inspector: { readonly Session: new () => InspectorSession };
  readonly worker_threads: {
    readonly workerData: WatchdogData;
    readonly parentPort: { postMessage(message: object): void };
  };
}

/**
 * Runs the watchdog in a thread of Node, Deno or Bun.
 *
 * @param make `makeWatchdog`
 * @param builtin gives modules of the host
 */
export function watchInNode(
  make: typeof makeWatchdog,
  builtin: <N extends keyof NodeThread>(name: N) => NodeThread[N],
): void {
  const { parentPort, workerData } = builtin('worker_threads');
  const { shared, limitMs, periodMs, question } = workerData;
  const counts = new Int32Array(shared, 0, 4);
  const bytes = new Uint8Array(shared, 16);
  const { performance, setInterval, TextDecoder } = globalThis as unknown as {
    performance: { now(): number };
    setInterval: (callback: () => void, delayMs: number) => void;
    TextDecoder: new () => { decode(bytes: Uint8Array): string };
  };
  const pulse = {
    beats: () => Atomics.load(counts, 0),
    quiet: () => Atomics.load(counts, 1) !== 0,
    place: () => new TextDecoder().decode(bytes.slice(0, Atomics.load(counts, 2))),
  };
  const tick = make(pulse, limitMs, periodMs, {
    now: () => performance.now(),
    ask(answer) {
      if (question === '') return answer('');
      try {
        const session = new (builtin('inspector').Session)();
        session.connectToMainThread();
        // Answered while it runs JavaScript or waits for an atomic; else once it does again.
        session.post('Runtime.evaluate', { expression: question, silent: true }, (error, reply) => {
          session.disconnect();
          if (!error) answer(String(reply?.result?.value ?? ''));
        });
      } catch {
        answer('');
      }
    },
    write(report) {
      // A pipe that is full throws; the other thread, which has the host's own stream, is blocked.
      for (let left = 100; left > 0; left--) {
        try {
          return builtin('fs').writeSync(2, `${report}\n`);
        } catch {
          Atomics.wait(counts, 3, 0, 10);
        }
      }
    },
    over: (block) => parentPort.postMessage(block),
  });
  setInterval(tick, periodMs);
}

/**
 * Runs the watchdog in a worker of a browser.
 *
 * @param make `makeWatchdog`
 */
export function watchInBrowser(make: typeof makeWatchdog): void {
  const scope = globalThis as unknown as {
    onmessage: (event: {
      data: Partial<WatchdogData> & { readonly beat?: number; readonly quiet?: boolean };
    }) => void;
    postMessage(message: object): void;
    console: { warn(text: string): void };
    performance: { now(): number };
    setInterval(callback: () => void, delayMs: number): void;
    TextDecoder: new () => { decode(bytes: Uint8Array): string };
  };
  let beat = 0;
  let quiet = false;
  let counts: Int32Array | undefined;
  let bytes: Uint8Array | undefined;
  const pulse = {
    beats: () => (counts ? Atomics.load(counts, 0) : beat),
    quiet: () => (counts ? Atomics.load(counts, 1) !== 0 : quiet),
    place: () =>
      counts && bytes ? new scope.TextDecoder().decode(bytes.slice(0, Atomics.load(counts, 2))) : '',
  };
  scope.onmessage = ({ data }) => {
    if (data.beat !== undefined) {
      beat = data.beat;
      quiet = data.quiet === true;
      return;
    }
    const { shared, limitMs = Infinity, periodMs = Infinity } = data;
    if (shared) {
      counts = new Int32Array(shared, 0, 4);
      bytes = new Uint8Array(shared, 16);
    }
    const tick = make(pulse, limitMs, periodMs, {
      now: () => scope.performance.now(),
      ask: (answer) => answer(''),
      write: (report) => scope.console.warn(report),
      over: (block) => scope.postMessage(block),
    });
    scope.setInterval(tick, periodMs);
  };
}
