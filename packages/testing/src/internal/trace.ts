/** The steps of one run, for its table, and whether asyncio's order leads there. */
import { type LoopHooks, realm, type Runnable } from '@aiokit/loop-core';
import type { Task } from '@aiokit/task';
import type { Step } from '../report.js';
import type { ExploredLoop } from './explored-loop.js';
import type { Watcher } from './execute.js';

interface Wait {
  readonly source?: Wait;
  readonly queue?: { readonly owner: object };
  readonly timer?: { when(): number };
}

/** A table of more steps is cut in the middle. */
const LONGEST_TABLE = 100;

const shorten = (text: string): string => (text.length > 40 ? `${text.slice(0, 39)}…` : text);

/** Whether a task is of an async function that is not over. */
const isAsync = (task: Task<unknown>): boolean =>
  task.scope !== null && (task as unknown as { waiter: object | null }).waiter === task.scope;

/**
 * Whether the steps are those of FIFO for some delays of the timers: what is ready runs in the order in which it came, in
 * iterations; timers that existed before an iteration may fire at its end, in any order.
 */
class Fifo {
  readonly #timers = new Map<object, number>();
  #batch: object[] = [];
  #next: object[] = [];
  #iteration = 0;
  possible = true;

  isTimer(step: object): boolean {
    return this.#timers.has(step);
  }

  enqueued(step: object): void {
    if (!this.#timers.has(step)) this.#next.push(step);
  }

  timer(step: object): void {
    this.#timers.set(step, this.#iteration);
  }

  begins(step: object): void {
    const made = this.#timers.get(step);
    if (made === undefined) {
      if (this.#batch.length === 0) this.#iterate();
      this.possible &&= this.#batch.shift() === step;
      return;
    }
    this.#timers.delete(step);
    if (made === this.#iteration && this.#batch.length === 0 && this.#next.length === 0) this.#iterate();
    this.possible &&= this.#batch.length === 0 && made < this.#iteration;
  }

  #iterate(): void {
    this.#batch = this.#next;
    this.#next = [];
    this.#iteration++;
  }
}

export class Trace implements Watcher {
  readonly steps: Step[] = [];
  /** Names of the tasks, in the order in which they first ran. */
  readonly names: string[] = [];
  waiting: string[] = [];
  readonly #fifo = new Fifo();
  readonly #tasks = new Map<object, string>();
  readonly #labels = new Map<object, string>();
  readonly #counts = new Map<string, number>();
  readonly #permits: { readonly permit: { readonly owner?: object | undefined }; readonly holder: string }[] =
    [];
  #loop!: ExploredLoop;
  #hooks: LoopHooks | undefined;
  /** What was noted since the last step, by whose it is. */
  #notes = new Map<Task<unknown> | undefined, string[]>();
  /** Where the async functions stood when the host's promises had run. */
  readonly #hosted = new Map<Task<unknown>, string>();
  /** The step that is at work. */
  #open:
    | { readonly task: Task<unknown> | undefined; readonly atMs: number; readonly timer: boolean }
    | undefined;

  get fifo(): boolean {
    return this.#fifo.possible;
  }

  start(loop: ExploredLoop): void {
    this.#loop = loop;
    const { hooks } = realm;
    this.#hooks = hooks;
    realm.hooks = {
      ...hooks,
      acquired: (permit) => {
        hooks?.acquired?.(permit);
        this.#acquired(permit);
      },
    };
  }

  finish(waiting: readonly Task<unknown>[]): void {
    this.ends();
    realm.hooks = this.#hooks;
    this.waiting = waiting.map((task) => this.#whyWaiting(task));
  }

  note(text: string): void {
    const task = this.#current();
    const notes = this.#notes.get(task);
    if (notes) notes.push(text);
    else this.#notes.set(task, [text]);
  }

  label(thing: object, name: string): void {
    this.#labels.set(thing, name);
  }

  enqueued(step: Runnable): void {
    this.#fifo.enqueued(step);
  }

  timer(step: Runnable): void {
    this.#fifo.timer(step);
  }

  begins(step: Runnable): void {
    this.ends();
    const timer = this.#fifo.isTimer(step);
    this.#fifo.begins(step);
    const task = this.#loop.ownerOf(step);
    if (task) this.#nameOf(task);
    this.#open = { task, atMs: this.#loop.time(), timer };
  }

  cancels(task: Task<unknown>): void {
    this.ends();
    this.steps.push({ who: '(cancel)', what: `cancels ${this.#nameOf(task)}`, atMs: this.#loop.time() });
  }

  ends(): void {
    const open = this.#open;
    this.#open = undefined;
    if (!open) return;
    const { task, atMs, timer } = open;
    const asynchronous = task !== undefined && isAsync(task);
    if (asynchronous && !this.#hosted.has(task)) this.#hosted.set(task, '');
    this.#add(
      task,
      asynchronous ? 'goes on' : task ? this.#stateOf(task) : timer ? 'a timer fires' : 'runs a callback',
      atMs,
    );
  }

  /** The host's promises have run: what the async functions have done. */
  hosted(): void {
    this.ends();
    for (const [task, before] of this.#hosted) {
      const state = this.#stateOf(task);
      if (state === before && !this.#notes.has(task)) continue;
      this.#hosted.set(task, state);
      this.#add(task, state, this.#loop.time());
    }
  }

  /** The steps with one column a task. */
  table(): string {
    const columns = [...this.names];
    for (const { who } of this.steps) if (!columns.includes(who)) columns.push(who);
    const clock = this.steps.some(({ atMs }) => atMs > 0);
    const head = ['', ...(clock ? ['ms'] : []), ...columns];
    const rows = this.steps.map(({ who, what, atMs }, at) => [
      String(at + 1),
      ...(clock ? [String(Math.round(atMs * 1000) / 1000)] : []),
      ...columns.map((column) => (column === who ? what : '')),
    ]);
    const widths = head.map((title, column) =>
      Math.max(title.length, ...rows.map((row) => (row[column] ?? '').length)),
    );
    const line = (cells: readonly string[]): string =>
      cells
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join(' | ')
        .trimEnd();
    const lines = rows.map(line);
    const left = lines.length - LONGEST_TABLE;
    if (left > 0) lines.splice(LONGEST_TABLE / 2, left, `… ${left} steps are left out`);
    return [line(head), ...lines].join('\n');
  }

  #add(task: Task<unknown> | undefined, state: string, atMs: number): void {
    const what = [...(this.#notes.get(task) ?? []), state].join(', ');
    this.#notes.delete(task);
    this.steps.push({ who: task ? this.#nameOf(task) : '(loop)', what, atMs });
  }

  /** The task that is at work. */
  #current(): Task<unknown> | undefined {
    return (realm.stepping ?? (realm.scope?.() as { task?: object } | null | undefined)?.task) as
      | Task<unknown>
      | undefined;
  }

  #acquired(permit: object): void {
    const task = this.#current();
    const holder = task ? this.#nameOf(task) : '(loop)';
    this.#permits.push({ permit, holder });
    const { owner } = permit as { owner?: object };
    if (owner) this.note(`takes ${this.#labelOf(owner)}`);
  }

  #nameOf(task: Task<unknown>): string {
    let name = this.#tasks.get(task);
    if (name !== undefined) return name;
    name = task.getName();
    // A number that is counted up from run to run says nothing.
    if (/^Task-\d+$/.test(name)) {
      const { label } = task as unknown as { label: string | undefined };
      name = label && label !== 'anonymous' && label !== 'operation' ? label : 'task';
    }
    let unique = name;
    for (let number = 2; this.names.includes(unique); number++) unique = `${name} ${number}`;
    this.#tasks.set(task, unique);
    this.names.push(unique);
    return unique;
  }

  #labelOf(part: object & { readonly primitive?: object }): string {
    const thing = part.primitive ?? part;
    const known = this.#labels.get(thing) ?? this.#tasks.get(thing);
    if (known !== undefined) return known;
    if (typeof (thing as Partial<Task<unknown>>).getCoro === 'function')
      return this.#nameOf(thing as Task<unknown>);
    const kind = thing.constructor?.name || 'object';
    const number = (this.#counts.get(kind) ?? 0) + 1;
    this.#counts.set(kind, number);
    const label = `${kind} ${number}`;
    this.#labels.set(thing, label);
    return label;
  }

  #waitsOf(task: Task<unknown>): Wait[] {
    const { waiter } = task as unknown as { waiter: Wait | null };
    if (waiter === null) return [];
    const { scope } = task;
    const waits = (waiter as object) === scope ? (scope.waiting as readonly Wait[]) : [waiter];
    return waits.map((wait) => wait.source ?? wait);
  }

  #describe(wait: Wait): string {
    if (wait.timer) return `sleeps until ${wait.timer.when()}`;
    if (String(wait) === '<Sleep pending>') return 'pauses';
    return `waits for ${this.#labelOf(wait.queue?.owner ?? wait)}`;
  }

  #describeAll(waits: readonly Wait[]): string {
    return waits
      .map((wait) => this.#describe(wait))
      .join(' and ')
      .replaceAll(' and waits for ', ' and ');
  }

  #stateOf(task: Task<unknown>): string {
    if (task.done()) {
      if (task.cancelled()) return 'ends cancelled';
      // To ask it for its exception would count as having looked at it.
      const { unretrieved } = task as unknown as { unretrieved: { readonly exception: unknown } | null };
      if (unretrieved) return shorten(`throws ${String(unretrieved.exception)}`);
      const value = task.result();
      return value === undefined || typeof value === 'object'
        ? 'ends'
        : shorten(`ends with ${String(value)}`);
    }
    const waits = this.#waitsOf(task);
    return waits.length === 0 ? 'pauses' : this.#describeAll(waits);
  }

  #whyWaiting(task: Task<unknown>): string {
    const name = this.#nameOf(task);
    const waits = this.#waitsOf(task);
    if (waits.length === 0) return `${name} waits for the host`;
    const texts = waits.map((wait) => {
      const owner = wait.queue?.owner;
      const holders = this.#permits.filter(
        ({ permit, holder }) => owner !== undefined && permit.owner === owner && holder !== name,
      );
      const held = holders.length > 0 ? `, held by ${holders.map(({ holder }) => holder).join(' and ')}` : '';
      return `${this.#describe(wait)}${held}`;
    });
    return `${name} ${texts.join(' and ')}`;
  }
}
