/** Runs programs on aiokit. `python/interpreter.py` is the same for asyncio. */
import type { Future } from '@aiokit/future';
import { type ExceptionContext, type Handle, setEventLoop } from '@aiokit/loop-core';
import {
  type Coroutine,
  createTask,
  currentTask,
  Task,
  type TaskGroup,
  type Timeout,
  type Waitable,
} from '@aiokit/task';
import type { Outside, Program, Source, Step, Steps } from './program.js';
import { QUICK, Raised, REFERS } from './quick.js';
import { Failure, plain, show, showError } from './show.js';
import { makeThing, stateOf, type Thing } from './things.js';
import { TickLoop } from './tick-loop.js';
import { WAITS } from './waits.js';

type Any = Coroutine<unknown>;

const ROUNDS = 6;
const NAME = /^[A-Z]\d+$/;

/** Who runs steps: a task, or a coroutine within one. */
export interface Me {
  readonly label: string;
  readonly index: number;
  readonly group: TaskGroup | null;
  readonly limit: Timeout | null;
  /** How many coroutines it has made. */
  count: number;
}

export const me = (
  label: string,
  index: number,
  group: TaskGroup | null = null,
  limit: Timeout | null = null,
): Me => ({ label, index, group, limit, count: 0 });

const OUTSIDE = me('at', -1);

const isDue = ([ms, count]: Outside, now: number, tick: number): boolean =>
  ms < now || (ms === now && count <= tick);

export class Run {
  readonly trace: string[] = [];
  readonly loop: TickLoop;
  readonly tasks: Task<unknown>[] = [];
  readonly handles: Handle[] = [];
  readonly callbacks = new Map<unknown, (done: Future<unknown>) => void>();
  readonly #program: Program;
  readonly #at: Outside[];
  readonly #things = new Map<string, Thing>();
  readonly #shown = new Map<string, string>();
  /** Which tasks each task waits for. */
  readonly #edges: number[][] = [];
  /** The clock, and the number of iterations since it has shown that. */
  #now = 0;
  #tick = 0;
  #round = 0;
  #notes: string[] = [];

  constructor(program: Program) {
    this.#program = program;
    this.#at = [...(program.at ?? [])].sort((one, other) => one[0] - other[0] || one[1] - other[1]);
    this.loop = new TickLoop(
      () => this.#before(),
      () => this.#after(),
    );
  }

  run(): string[] {
    const { loop } = this;
    loop.setExceptionHandler((_, context) => this.#unhandled(context));
    setEventLoop(loop);
    try {
      for (const steps of this.#program.tasks) this.create(OUTSIDE, steps, 'create');
      loop.runForever();
    } finally {
      loop.close();
      setEventLoop(null);
    }
    return this.trace;
  }

  note(text: string): void {
    this.#notes.push(text);
  }

  // What happens around the iterations.

  #before(): void {
    const { loop } = this;
    this.#tick++;
    for (let next = this.#at[0]; next && isDue(next, loop.time(), this.#tick); next = this.#at[0]) {
      this.#outside();
    }
    while (loop.idle) {
      if (this.#at.length > 0) this.#outside();
      else if (this.#round === ROUNDS || this.tasks.every((task) => task.done())) {
        for (const [number, task] of this.tasks.entries()) this.note(`T${number}${this.state(task)}`);
        loop.stop();
        return;
      } else this.#end();
    }
  }

  #outside(): void {
    const [, , ...step] = this.#at.shift() as Outside;
    this.#quick(OUTSIDE, step);
  }

  /** Nothing goes on by itself any more. */
  #end(): void {
    this.note(`round ${++this.#round}`);
    for (const task of this.tasks) if (!task.done()) task.cancel('end');
    if (this.#round < 2) return;
    for (const [name, thing] of this.#things) if (/[LC]/.test(name) && thing.locked()) thing.release();
  }

  #after(): void {
    const now = this.loop.time();
    if (now > this.#now) {
      this.#now = now;
      this.#tick = 0;
    }
    const changed: string[] = [];
    for (const [name, thing] of this.#things) {
      const text = stateOf(name, thing);
      if (this.#shown.get(name) === text) continue;
      this.#shown.set(name, text);
      changed.push(`${name} ${text}`);
    }
    if (changed.length > 0) this.note(`| ${changed.join(', ')}`);
    if (this.#notes.length === 0) return;
    this.trace.push(`${now}+${this.#tick} ${this.#notes.join('; ')}`);
    this.#notes = [];
  }

  #unhandled({ message, exception }: ExceptionContext): void {
    if (/never retrieved|destroyed/.test(message)) return;
    const words = plain(message).split(' ').slice(0, 3).join(' ');
    this.note(`handler ${words} ${show(exception)}`);
  }

  state(one: Future<unknown>): string {
    const requests = one instanceof Task ? one.cancelling() : 0;
    const count = requests > 0 ? ` c${requests}` : '';
    if (!one.done()) return ` pending${count}`;
    // To ask it for the error would take that away.
    if (one.cancelled()) return ` cancelled${count}`;
    try {
      return `=${show(one.result())}${count}`;
    } catch (error) {
      return `!${showError(error)}${count}`;
    }
  }

  // What steps refer to.

  thing(name: string): Thing {
    let thing = this.#things.get(name);
    if (thing === undefined) {
      thing = makeThing(this.#program, name, () => this.thing('L0'));
      this.#things.set(name, thing);
    }
    return thing;
  }

  ref(name: string): Future<unknown> {
    return name[0] === 'T' ? (this.tasks[this.#number(name)] as Task<unknown>) : this.thing(name);
  }

  name(name: string): string {
    return name[0] === 'T' ? `T${this.#number(name)}` : name;
  }

  #number(name: string): number {
    return Number(name.slice(1)) % this.tasks.length;
  }

  #reaches(start: number, goal: number): boolean {
    return start === goal || (this.#edges[start] as number[]).some((target) => this.#reaches(target, goal));
  }

  /** The tasks that are to be waited for; an error instead of a circle, which cannot be cancelled. */
  #awaited({ index }: Me, sources: readonly Source[]): number[] {
    const found = sources
      .filter((one) => typeof one === 'string' && one[0] === 'T')
      .map((name) => this.#number(name as string));
    if (found.some((one) => this.#reaches(one, index))) throw new Failure('circle');
    return found;
  }

  /** Waits for sources. */
  *owning(who: Me, sources: readonly Source[], make: () => Waitable<unknown>): Any {
    const edges = this.#edges[who.index] as number[];
    const found = this.#awaited(who, sources);
    edges.push(...found);
    try {
      return yield* make() as Any;
    } finally {
      for (const one of found) edges.splice(edges.indexOf(one), 1);
    }
  }

  // Making tasks and coroutines, and running steps.

  create(who: Me, steps: Steps, how: 'create' | 'child' | 'eager'): void {
    const number = this.tasks.length;
    const group = how === 'child' ? who.group : null;
    const body = this.#body(me(`T${number}`, number, group), steps);
    this.#edges.push([]);
    if (how === 'eager') {
      this.tasks.push(null as never);
      this.tasks[number] = createTask(body, { eagerStart: true });
    } else if (group !== null) {
      try {
        this.tasks.push(group.createTask(body));
      } catch (error) {
        this.#edges.pop();
        throw error;
      }
    } else this.tasks.push(createTask(body));
  }

  *#body(who: Me, steps: Steps): Any {
    this.tasks[who.index] = currentTask() as Task<unknown>;
    this.note(`${who.label} starts`);
    let value: unknown;
    try {
      value = yield* this.block(who, steps);
    } catch (error) {
      this.note(`${who.label} ends !${showError(error)}`);
      throw error;
    }
    this.note(`${who.label} ends`);
    return value;
  }

  source(who: Me, source: Source): Future<unknown> | Any {
    if (typeof source === 'string') return this.ref(source);
    return this.block(me(`${who.label}.${++who.count}`, who.index), source);
  }

  *block(who: Me, steps: Steps): Any {
    let value: unknown;
    for (const step of steps) {
      const [name, ...args] = step;
      const waits = WAITS[name];
      if (waits === undefined) {
        value = this.#quick(who, step);
        continue;
      }
      const [first] = args;
      const about = typeof first === 'string' && NAME.test(first) ? ` ${this.name(first)}` : '';
      const what = `${who.label} ${name}${about}`;
      try {
        value = yield* waits(this, who, ...args);
      } catch (error) {
        this.note(`${what}!${showError(error)}`);
        throw error;
      }
      this.note(value === undefined ? what : `${what}=${show(value)}`);
    }
    return value;
  }

  /** A step that does not wait; what it throws is noted, and no more. */
  #quick(who: Me, [name, ...args]: Step): unknown {
    const [first] = args;
    const about = typeof first === 'string' && REFERS.has(name) ? ` ${this.name(first)}` : '';
    const work = QUICK[name];
    if (work === undefined) throw new RangeError(`no step is called ${name}`);
    let value: unknown;
    try {
      value = work(this, who, ...args);
    } catch (error) {
      if (error instanceof Raised) throw error.cause;
      this.note(`${who.label} ${name}${about}!${showError(error)}`);
      return undefined;
    }
    this.note(`${who.label} ${name}${about}${value === undefined ? '' : `=${show(value)}`}`);
    return value;
  }
}

/** The trace of a program: a line for each iteration in which something happened. */
export const run = (program: Program): string[] => new Run(program).run();
