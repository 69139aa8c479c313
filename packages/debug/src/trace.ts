/** What a program does over time, for Perfetto and the browsers' DevTools: tasks as tracks, waits, and who has ended them. */
import { type EventLoop, formatValue, getLogger, refuse } from '@aiokit/loop-core';
import { compose } from './internal/detector.js';
import { lookOn } from './internal/hooks.js';
import { holdersOf, takerOf } from './internal/permits.js';
import { type StepTime, stepTimes } from './internal/step-times.js';
import { isTask, isWaiter, nameOf, pendingSourcesOf, type TaskLike } from './internal/tasks.js';
import { type Waker, type Wakers, watchWakers } from './internal/wakers.js';

/** An event of Chrome's trace format. Times are in microseconds. */
export interface TraceEvent {
  readonly name: string;
  /** `step`, `slow`, `wait`, `wake`. */
  readonly cat?: string;
  /** `X` from `ts` for `dur`, `i` an instant, `s` and `f` the ends of a flow, `M` names. */
  readonly ph: 'X' | 'i' | 's' | 'f' | 'M';
  readonly pid: number;
  /** The track: one of each task, one of each loop for callbacks. */
  readonly tid: number;
  readonly ts: number;
  readonly dur?: number;
  readonly id?: number;
  readonly bp?: 'e';
  readonly s?: 't';
  readonly cname?: string;
  readonly args?: Readonly<Record<string, unknown>>;
}

/** What a trace file holds: `JSON.stringify` it. */
export interface Trace {
  readonly traceEvents: readonly TraceEvent[];
  readonly displayTimeUnit: 'ms';
  /** How many events came when it was full. */
  readonly otherData: { readonly leftOut: number };
}

/** How a trace is recorded. */
export interface TraceOptions {
  /** So many events are kept, a million if absent; what comes later is left out. */
  readonly maxEvents?: number | undefined;
  /** Whether steps and waits are entries of `performance.measure` too, in a track of DevTools; they are if absent. */
  readonly measures?: boolean | undefined;
}

/** A trace that is being recorded. */
export interface TraceRecorder extends Disposable {
  /** Ends it and gives what was recorded; the same if called again. */
  stop(): Trace;
}

interface Wait {
  readonly since: number;
  readonly what: string;
  readonly heldBy: string;
}
interface HostPerformance {
  now(): number;
  measure?(name: string, options: object): unknown;
}
interface Host {
  readonly process?: { readonly pid?: number };
}

declare const performance: HostPerformance;

const micros = (ms: number): number => Math.round(ms * 1e6) / 1e3;
const COLOURS = { step: 'primary', slow: 'error', wait: 'secondary-light' } as const;

class Recorder implements TraceRecorder {
  readonly #events: TraceEvent[] = [];
  readonly #names: TraceEvent[] = [];
  readonly #tracks = new Map<object, number>();
  readonly #waits = new Map<TaskLike, Wait>();
  readonly #wakers: Wakers;
  readonly #pid = (globalThis as Host).process?.pid ?? 1;
  readonly #most: number;
  readonly #end: () => void;
  #measures: boolean;
  #leftOut = 0;
  #flows = 0;
  #trace: Trace | undefined;

  constructor(most: number, measures: boolean) {
    this.#most = most;
    this.#measures = measures && typeof performance.measure === 'function';
    this.#name('process_name', 0, 'aiokit');
    const { hooks, touch } = stepTimes((step) => this.#step(step));
    this.#wakers = watchWakers(touch);
    this.#end = lookOn(compose([hooks, this.#wakers.hooks]));
  }

  stop(): Trace {
    if (this.#trace) return this.#trace;
    this.#end();
    this.#wakers.end();
    const now = performance.now();
    for (const [task, wait] of this.#waits) if (!task.done()) this.#wait(task, wait, now, 'still ');
    // A slice is known at its end only.
    const traceEvents = [...this.#names, ...this.#events.sort((one, other) => one.ts - other.ts)];
    this.#trace = { traceEvents, displayTimeUnit: 'ms', otherData: { leftOut: this.#leftOut } };
    return this.#trace;
  }

  [Symbol.dispose](): void {
    this.stop();
  }

  #name(name: string, tid: number, value: string | number): void {
    const args = typeof value === 'string' ? { name: value } : { sort_index: value };
    this.#names.push({ name, ph: 'M', pid: this.#pid, tid, ts: 0, args });
  }

  #track(owner: TaskLike | EventLoop): number {
    const known = this.#tracks.get(owner);
    if (known !== undefined) return known;
    const tid = this.#tracks.size + 1;
    this.#tracks.set(owner, tid);
    const name = isTask(owner) ? owner.getName() : `callbacks of ${owner.constructor.name}`;
    this.#name('thread_name', tid, name);
    this.#name('thread_sort_index', tid, tid);
    return tid;
  }

  #add(event: TraceEvent): boolean {
    if (this.#events.length >= this.#most) {
      this.#leftOut++;
      return false;
    }
    this.#events.push(event);
    return true;
  }

  #slice(
    owner: TaskLike | EventLoop,
    kind: keyof typeof COLOURS,
    name: string,
    [start, end]: readonly [number, number],
    args: Readonly<Record<string, unknown>>,
  ): void {
    const cat = kind === 'slow' ? 'step,slow' : kind;
    const ts = micros(start);
    const event = {
      name,
      cat,
      ph: 'X',
      pid: this.#pid,
      tid: this.#track(owner),
      ts,
      dur: micros(end) - ts,
      args,
    } as const;
    if (!this.#add(kind === 'slow' ? { ...event, cname: 'terrible' } : event)) return;
    if (!this.#measures) return;
    const track = isTask(owner) ? owner.getName() : 'callbacks';
    const properties = Object.entries(args).map(([key, value]) => [key, String(value)]);
    const devtools = {
      dataType: 'track-entry',
      track,
      trackGroup: 'aiokit',
      color: COLOURS[kind],
      properties,
    };
    try {
      performance.measure?.(name, { start, end, detail: { devtools } });
    } catch (error) {
      this.#measures = false;
      getLogger().error('recordTrace: performance.measure has failed; there are no more measures', error);
    }
  }

  #wait(task: TaskLike, { since, what, heldBy }: Wait, until: number, still = ''): void {
    const args = heldBy === '' ? {} : { heldBy };
    this.#slice(task, 'wait', `${still}waits for ${what}`, [since, until], args);
  }

  #step({ loop, task, item, began, ended }: StepTime): void {
    const owner = task ?? loop;
    const waited = task && this.#waits.get(task);
    if (task && waited) {
      this.#waits.delete(task);
      this.#wait(task, waited, began);
    }
    const limit = (loop as { slowCallbackDurationMs?: number }).slowCallbackDurationMs ?? Infinity;
    const slow = ended - began >= limit;
    const name = task ? task.getName() : formatValue(item).replace(/ when=[\d.]+/, '');
    const args = slow ? { slow: `longer than ${limit} ms` } : {};
    const waker = this.#wakers.take(item);
    if (task && waker) this.#flow(waker, owner, began);
    this.#slice(owner, slow ? 'slow' : 'step', slow ? `slow: ${name}` : name, [began, ended], args);
    if (slow) {
      const tid = this.#track(owner);
      const event = {
        name: `slow step of ${name}`,
        cat: 'slow',
        ph: 'i',
        pid: this.#pid,
        tid,
        ts: micros(ended),
        s: 't',
      } as const;
      this.#add(event);
    }
    if (task && !task.done()) this.#begin(task, ended);
  }

  #begin(task: TaskLike, since: number): void {
    const sources = pendingSourcesOf(task);
    if (sources.length === 0) return;
    const holders = sources.flatMap((source) => (isWaiter(source) ? holdersOf(source.queue.owner) : []));
    const what = sources.map(nameOf).join(', ');
    this.#waits.set(task, { since, what, heldBy: holders.map(takerOf).join(', ') });
  }

  /** From the step in which it was made ready to the one that begins. */
  #flow({ task, loop, when }: Waker, to: TaskLike | EventLoop, began: number): void {
    const [name, cat, pid, id] = ['wakes', 'wake', this.#pid, ++this.#flows] as const;
    this.#add({ name, cat, ph: 's', pid, tid: this.#track(task ?? loop), ts: micros(when), id });
    this.#add({ name, cat, ph: 'f', bp: 'e', pid, tid: this.#track(to), ts: micros(began), id });
  }
}

/**
 * Records what the tasks do: steps, waits, and who has ended which wait. Debug mode need not be on.
 *
 * A file of the trace is opened by Perfetto and by the Performance panel of DevTools: `JSON.stringify(recorder.stop())`.
 *
 * @param options how much is kept, and whether it goes to `performance.measure` too
 * @returns call `stop()`, or dispose of it
 * @throws TypeError or RangeError naming the option; nothing is recorded
 * @complexity O(1) for each step
 * @example
 * const recorder = recordTrace();
 * await work();
 * await writeFile('trace.json', JSON.stringify(recorder.stop()));
 * @source DEBUG-12 · no CPython counterpart
 */
export function recordTrace({ maxEvents = 1_000_000, measures = true }: TraceOptions = {}): TraceRecorder {
  if (typeof maxEvents !== 'number') refuse('maxEvents', 'a number', maxEvents);
  if (!(maxEvents > 0)) refuse('maxEvents', 'a number above 0', maxEvents, RangeError);
  if (typeof measures !== 'boolean') refuse('measures', 'true or false', measures);
  return new Recorder(maxEvents, measures);
}
