/**
 * The watchdog: a thread that reports a block while it lasts. The watched thread beats by a timer of the host, and only where
 * nobody can look into it (other hosts than Node) it notes at each step whose it is.
 */
import { type LoopHooks, realm } from '@aiokit/loop-core';
import { atLimits, getDebugLimits } from '../limits.js';
import { isIgnored, warn } from '../warnings.js';
import { builtin } from './builtin.js';
import { debuggedLoops } from './debugged.js';
import { lookOn } from './hooks.js';
import { originOf } from './origins.js';
import { ownerHooks, ownerOf } from './owners.js';
import { captureBelow, frameOf, textOf } from './stack.js';
import { currentTask } from './tasks.js';
import {
  type BlockOver,
  makeWatchdog,
  type WatchdogData,
  watchInBrowser,
  watchInNode,
} from './watchdog-thread.js';

interface NodeWorker {
  on(event: 'message' | 'error', listener: (given: never) => void): void;
  unref(): void;
  terminate(): unknown;
}
interface WorkerThreads {
  readonly isMainThread: boolean;
  readonly Worker: new (code: string, options: object) => NodeWorker;
}
interface WebWorker {
  onmessage: (event: { readonly data: BlockOver }) => void;
  onerror: (event: { readonly message?: string }) => void;
  postMessage(message: object): void;
  terminate(): void;
}
interface Browser {
  readonly Worker?: new (url: string) => WebWorker;
  readonly Blob?: new (parts: string[], options: object) => object;
  readonly URL?: { createObjectURL(blob: object): string; revokeObjectURL(url: string): void };
}
interface Inspector {
  url?(): string | undefined;
}
interface Page {
  readonly hidden?: boolean;
  addEventListener(event: 'visibilitychange', listener: () => void): void;
  removeEventListener(event: 'visibilitychange', listener: () => void): void;
}
interface Host {
  readonly Deno?: object;
  readonly document?: Page;
  readonly process?: { readonly versions?: { readonly bun?: string } };
  readonly SharedArrayBuffer?: typeof SharedArrayBuffer;
}

declare const performance: { now(): number };
declare const TextEncoder: new () => { encode(text: string): Uint8Array };

// Those of the host, whatever a test puts in their place later.
const { setInterval, clearInterval } = globalThis as unknown as {
  setInterval: (callback: () => void, delayMs: number) => { unref?(): void };
  clearInterval: (timer: object) => void;
};

/** So many bytes of the last place are kept. */
const PLACE = 512;
/** What a bundler may put into functions, to keep their names. */
const KEPT = 'const __name = (named) => named;';
const QUESTION = "globalThis[Symbol.for('aiokit.realm/1')].where()";

/** Where the thread is, said in the middle of what it does. */
function where(): string {
  if (builtin<Inspector>('inspector')?.url?.()) return '';
  const lines = textOf(captureBelow(where))
    .split('\n')
    .filter((line) => !/^\s*at <anonymous>(:\d+)*$/.test(line));
  const task = currentTask();
  const by = task ? `\nin ${String(task)}` : '';
  return `${by}\nIt is stuck at (most recent call first):\n${lines.join('\n')}`;
}

/** Notes whose step begins, where nobody can ask later. */
function notePlaces(counts: Int32Array, bytes: Uint8Array): LoopHooks {
  const labels = new WeakMap<object, Uint8Array>();
  const encoder = new TextEncoder();
  let last: object | undefined;
  return {
    ...ownerHooks,
    before(_, item) {
      const task = ownerOf(item);
      if (!task || task === last) return;
      last = task;
      let label = labels.get(task);
      if (!label) {
        const made = frameOf(originOf(task));
        const text = `task '${task.getName()}'${made === undefined ? '' : `, made at ${made}`}`;
        labels.set(task, (label = encoder.encode(text).subarray(0, PLACE)));
      }
      bytes.set(label);
      counts[2] = label.length;
    },
  };
}

/** The longest time between two beats since a block was reported: the watchdog, which looks now and then, knows it less well. */
let longest = 0;

function reportOver({ blockedMs, where: place }: BlockOver): void {
  const tookMs = Math.max(blockedMs, longest);
  longest = 0;
  const past = place.replace('It is stuck', 'It was stuck');
  warn('blocked', `the loop was blocked for ${(tookMs / 1000).toFixed(3)} seconds${past}`);
}

interface Thread {
  beat?(count: number, quiet: boolean): void;
  end(): void;
}

/** Says once that there is none, in the log. */
function fail(error: unknown): void {
  stop();
  broken = true;
  warn('blocked', `the watchdog has ended: ${String(error)}`);
}

function startInNode(threads: WorkerThreads, data: WatchdogData): Thread {
  const code = `${KEPT}(${String(watchInNode)})(${String(makeWatchdog)}, (name) => process.getBuiltinModule(name));`;
  const worker = new threads.Worker(code, {
    eval: true,
    workerData: data,
    name: 'aiokit-watchdog',
    // What is preloaded into the program is not for this thread.
    execArgv: [],
    env: {},
  });
  worker.on('message', reportOver);
  worker.on('error', fail);
  worker.unref();
  return { end: () => void worker.terminate() };
}

function startInBrowser(data: Omit<WatchdogData, 'shared'> & { shared?: SharedArrayBuffer }): Thread {
  const { Worker, Blob, URL } = globalThis as Browser;
  if (!Worker || !Blob || !URL) throw new Error('this host has no workers');
  const code = `${KEPT}(${String(watchInBrowser)})(${String(makeWatchdog)});`;
  const url = URL.createObjectURL(new Blob([code], { type: 'text/javascript' }));
  const worker = new Worker(url);
  worker.onmessage = (event) => reportOver(event.data);
  worker.onerror = (event) => fail(event.message ?? 'its worker was refused');
  worker.postMessage(data);
  const end = () => {
    worker.terminate();
    URL.revokeObjectURL(url);
  };
  // Memory is shared where the page is isolated from others; else the beats are messages.
  if (data.shared) return { end };
  return { end, beat: (beat, quiet) => worker.postMessage({ beat, quiet }) };
}

let stop = (): void => {};
/** What it goes by now; undefined if there is none. */
let limit: number | undefined;
let broken = false;

function start(limitMs: number): void {
  const periodMs = Math.min(250, Math.max(5, limitMs / 4));
  const threads = builtin<WorkerThreads>('worker_threads');
  const { Deno, process, SharedArrayBuffer: Shared, document: page } = globalThis as Host;
  const shared = Shared && new Shared(16 + PLACE);
  const canAsk = threads?.isMainThread === true && !Deno && process?.versions?.bun === undefined;
  const data = { limitMs, periodMs, question: canAsk ? QUESTION : '' };
  const thread =
    threads && shared
      ? startInNode(threads, { ...data, shared })
      : startInBrowser(shared ? { ...data, shared } : data);
  const counts = shared && new Int32Array(shared, 0, 4);
  const end = counts && !canAsk ? lookOn(notePlaces(counts, new Uint8Array(shared, 16))) : undefined;
  const inspector = builtin<Inspector>('inspector');
  if (canAsk) Object.assign(realm, { where });
  let beats = 0;
  let last = performance.now();
  const beat = () => {
    const now = performance.now();
    longest = Math.max(longest, now - last - periodMs);
    last = now;
    // The timers of a page that nobody sees are put off.
    const quiet = isIgnored('blocked') || page?.hidden === true || (canAsk && Boolean(inspector?.url?.()));
    beats++;
    if (counts) {
      Atomics.store(counts, 1, quiet ? 1 : 0);
      Atomics.store(counts, 0, beats);
    }
    thread.beat?.(beats, quiet);
  };
  beat();
  const timer = setInterval(beat, periodMs);
  timer.unref?.();
  page?.addEventListener('visibilitychange', beat);
  limit = limitMs;
  stop = () => {
    clearInterval(timer);
    page?.removeEventListener('visibilitychange', beat);
    end?.();
    thread.end();
    limit = undefined;
    stop = () => {};
  };
}

/** Starts or ends the watchdog, as debug mode and the limits are now. */
export function setWatchdog(): void {
  const { blockedMs } = getDebugLimits();
  const wanted = debuggedLoops.size > 0 && blockedMs !== Infinity && !broken ? blockedMs : undefined;
  if (wanted === limit) return;
  stop();
  if (wanted === undefined) return;
  try {
    start(wanted);
  } catch (error) {
    fail(error);
  }
}

atLimits(setWatchdog);
