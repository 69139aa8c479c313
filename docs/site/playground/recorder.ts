/** Looks at a run through the loop's hooks, and writes down each moment of it. */
import { type Awaitable, type LoopHooks, realm } from '@aiokit/loop-core';
import type { Task } from '@aiokit/task';
import type { World } from '@aiokit/testing';
import type { Listener } from './program.ts';
import type { Choice, Moment, TaskMoment, TaskState, ThingMoment } from './recording.ts';

/** What the loop of an exploration has beside that of a virtual loop. */
interface Loop {
  time(): number;
  choose(kind: string, n: number): number;
  about(choice: number): object;
  ownerOf(step: object): Task<unknown> | undefined;
  pending(): Task<unknown>[];
}

interface Wait extends Partial<Awaitable<unknown>> {
  readonly source?: Wait;
  readonly queue?: { readonly owner: object };
  readonly timer?: { when(): number } | undefined;
}

type Permit = { readonly owner?: object | undefined };

const LOOP = '(loop)';
const QUESTIONS: Record<string, string> = {
  step: 'Next comes',
  cancel: 'The explorer cancels',
  host: 'Then',
  choice: 'world.choose() is',
};

const waitsOf = (task: Task<unknown>): Wait[] =>
  task.awaits.map((wait) => (wait as Wait).source ?? (wait as Wait)).filter((wait) => wait.done?.() !== true);

/** A lock is what a condition, or one half of a lock for readers and writers, is a way into. */
const groupOf = (owner: object): object => (owner as { lock?: object }).lock ?? owner;

/** Whether a task is of an async function that is not over. */
const isAsync = (task: Task<unknown>): boolean =>
  task.scope !== null && (task as unknown as { waiter: unknown }).waiter === task.scope;

export class Recorder implements Listener {
  readonly moments: Moment[] = [];
  readonly choices: number[] = [];
  readonly #world: World;
  readonly #loop: Loop;
  readonly #names = new Map<object, string>();
  readonly #tasks: Task<unknown>[] = [];
  readonly #failed = new Map<object, string>();
  readonly #things: object[] = [];
  #permits: { readonly permit: Permit; readonly thing: object; readonly holder: string }[] = [];
  #events: string[] = [];
  #printed: string[] = [];
  #asked: Choice[] = [];
  #who: string | undefined;
  #timer = false;
  #atMs = 0;
  #before: readonly TaskMoment[] = [];
  /** The last primitive that printed itself. */
  #printing: object | undefined;

  /** @param world of the run that begins */
  constructor(world: World) {
    this.#world = world;
    this.#loop = world.loop as unknown as Loop;
    this.#listen();
    this.#watchChoices();
    this.#watchEnd();
    // An async function is called within the first step of its task, a generator function before it.
    const [main] = this.#loop.pending();
    if (main) this.#who = this.#nameOf(main);
  }

  printed(text: string): void {
    this.#printed.push(text);
  }

  made(thing: object, name: string | undefined): void {
    this.#nameThing(thing, name);
    const text = thing.toString.bind(thing);
    // The two sides of a queue print as the queue does, by asking it.
    const toString = (): string => {
      this.#printing = thing;
      return text();
    };
    Object.defineProperty(thing, 'toString', { value: toString, configurable: true });
    this.#world.label(thing, this.#names.get(thing) as string);
  }

  /** What `world.note` and `world.label` say beside the report. */
  note(text: string): void {
    this.#events.push(text);
  }

  label(thing: object, name: string): void {
    if (!this.#things.includes(thing)) this.#things.push(thing);
    this.#names.set(thing, name);
  }

  /** What async functions did last, while it can be seen. */
  #watchEnd(): void {
    const closing = (realm.closing ??= new Set());
    const end = (loop: object): void => {
      if (loop !== this.#loop) return;
      closing.delete(end);
      this.#flush();
    };
    closing.add(end);
  }

  #listen(): void {
    const { hooks } = realm;
    const mine: LoopHooks = {
      before: (_loop, step) => this.#begins(step as object),
      after: () => this.#ends(),
      acquired: (permit) => this.#acquired(permit),
      released: (permit) => this.#released(permit),
      cancels: (task) => this.#events.push(`cancels ${this.#nameOf(task as Task<unknown>)}`),
    };
    const all = { ...hooks } as Record<string, (...args: unknown[]) => unknown>;
    for (const [name, hook] of Object.entries(mine) as [string, (...args: unknown[]) => unknown][]) {
      const other = all[name];
      all[name] = (...args) => {
        other?.(...args);
        hook(...args);
      };
    }
    realm.hooks = all;
  }

  #watchChoices(): void {
    const loop = this.#loop;
    const choose = loop.choose.bind(loop);
    loop.choose = (kind, n) => {
      if (n < 2) return choose(kind, n);
      // What stands to choice is known only now.
      const options = Array.from({ length: n }, (_, option) => this.#option(kind, option));
      const chosen = choose(kind, n);
      this.#asked.push({ at: this.choices.length, question: QUESTIONS[kind] ?? kind, options, chosen });
      this.choices.push(chosen);
      return chosen;
    };
  }

  #option(kind: string, option: number): string {
    if (kind === 'cancel') {
      const task = this.#loop.pending()[option - 1];
      return task ? this.#nameOf(task) : 'nobody';
    }
    if (kind === 'host') return option === 0 ? 'the loop goes on' : 'the async functions go on';
    if (kind !== 'step') return String(option);
    const step = this.#loop.about(option);
    return this.#ownerName(step) ?? this.#callback(step);
  }

  #ownerName(step: object): string | undefined {
    const task = this.#tasks.includes(step as never) ? (step as Task<unknown>) : this.#loop.ownerOf(step);
    return task && this.#nameOf(task);
  }

  /** A step of the loop's: the timer of a sleep wakes who sleeps. */
  #callback(step: object): string {
    const sleeper = this.#tasks.find((task) => waitsOf(task).some((wait) => wait.timer === step));
    if (sleeper) return `the timer of ${this.#nameOf(sleeper)}`;
    return typeof (step as { when?: unknown }).when === 'function' ? 'a timer' : 'a callback';
  }

  #begins(step: object): void {
    this.#flush();
    this.#meet();
    this.#timer = typeof (step as { when?: unknown }).when === 'function';
    this.#atMs = this.#loop.time();
    this.#who = this.#ownerName(step) ?? LOOP;
  }

  #ends(): void {
    const who = this.#who ?? LOOP;
    this.#who = undefined;
    const own = this.#snapshot().find(({ name }) => name === who);
    // What the async function does now is seen when the host's promises have run.
    if (own?.state === 'host' && this.#events.length + this.#printed.length === 0) return;
    this.#write(who, this.#timer && who === LOOP ? 'a timer fires' : '');
  }

  /** What async functions have done since the last step. */
  #flush(): void {
    this.#meet();
    const changed = this.#snapshot().filter(({ name, state, detail }) => {
      const before = this.#before.find((one) => one.name === name);
      return before ? before.state !== state || before.detail !== detail : state !== 'ready';
    });
    if (changed.length === 0 && this.#events.length + this.#printed.length === 0) return;
    const going = changed.filter(({ name }) => {
      const before = this.#before.find((one) => one.name === name);
      return !before || before.state === 'host';
    });
    const [one] = going.length === 1 ? going : changed;
    const alone = going.length === 1 || changed.length === 1;
    this.#write(alone && one ? one.name : LOOP, 'the async functions go on');
  }

  #write(who: string, fallback: string): void {
    this.#meet();
    const tasks = this.#snapshot();
    const own = tasks.find(({ name }) => name === who);
    const woken = tasks
      .filter(
        ({ name, state }) => name !== who && (state === 'ready' || state === 'host') && this.#waited(name),
      )
      .map(({ name }) => `wakes ${name}`);
    const state = own
      ? own.detail || { ready: 'goes on', host: 'goes on', running: '' }[own.state as 'ready']
      : '';
    const said = [...this.#events, ...woken, state ?? ''].filter((text) => text !== '');
    this.moments.push({
      atMs: this.#atMs,
      who,
      what: [...new Set(said)].join(', ') || fallback || 'runs a callback',
      printed: this.#printed,
      tasks: tasks.map((task) =>
        task === own && task.state === 'ready' ? { ...task, state: 'running' } : task,
      ),
      things: this.#things.map((thing) => this.#thingAt(thing)),
      choices: this.#asked,
    });
    this.#before = tasks;
    this.#events = [];
    this.#printed = [];
    this.#asked = [];
  }

  #waited(name: string): boolean {
    const state = this.#before.find((task) => task.name === name)?.state;
    return state === 'waiting' || state === 'sleeping';
  }

  /** Tasks that are new. */
  #meet(): void {
    for (const task of this.#loop.pending()) if (!this.#tasks.includes(task)) this.#nameOf(task);
  }

  #snapshot(): TaskMoment[] {
    return this.#tasks.map((task) => {
      const [state, detail] = this.#stateOf(task);
      const name = this.#nameOf(task);
      const held = this.#permits.filter(({ holder }) => holder === name);
      return { name, state, detail, holds: [...new Set(held.map(({ thing }) => this.#nameThing(thing)))] };
    });
  }

  #stateOf(task: Task<unknown>): [TaskState, string] {
    if (task.done()) {
      if (task.cancelled()) return ['cancelled', 'ends cancelled'];
      // To ask it for its exception would count as having looked at it.
      const { unretrieved } = task as unknown as { unretrieved: { readonly exception: unknown } | null };
      if (unretrieved) this.#failed.set(task, String(unretrieved.exception));
      const failure = this.#failed.get(task);
      if (failure !== undefined) return ['failed', `throws ${failure}`];
      const value = / exception=(.*)>$/.exec(String(task))?.[1];
      return value === undefined ? ['done', 'ends'] : ['failed', `throws ${value}`];
    }
    const waits = waitsOf(task);
    if (waits.length === 0) {
      return [isAsync(task) ? 'host' : 'ready', ''];
    }
    const detail = waits.map((wait) => this.#describe(wait)).join(' and ');
    return [waits.every((wait) => wait.timer && !wait.queue) ? 'sleeping' : 'waiting', detail];
  }

  #describe(wait: Wait): string {
    if (wait.queue) return `waits for ${this.#nameThing(this.#thingOf(wait.queue.owner))}`;
    if (wait.timer) return `sleeps until ${wait.timer.when()} ms`;
    if (this.#tasks.includes(wait as never)) return `waits for ${this.#nameOf(wait as Task<unknown>)}`;
    if (this.#names.has(wait)) return `waits for ${this.#names.get(wait)}`;
    const text = String(wait);
    return text === '<Sleep pending>'
      ? 'lets others go first'
      : `waits for ${/^<(\w+)/.exec(text)?.[1] ?? 'something'}`;
  }

  #thingAt(thing: object): ThingMoment {
    const waiters = this.#tasks.filter(
      (task) =>
        !task.done() &&
        waitsOf(task).some(
          (wait) => wait === thing || (wait.queue && this.#thingOf(wait.queue.owner) === thing),
        ),
    );
    return {
      name: this.#nameThing(thing),
      text: String(thing),
      waiters: waiters.map((task) => this.#nameOf(task)),
      holders: this.#permits.filter((one) => one.thing === thing).map(({ holder }) => holder),
    };
  }

  /** What an owner of waiters is a part of. */
  #thingOf(owner: object): object {
    const group = groupOf(owner);
    if (this.#names.has(group)) return group;
    this.#printing = undefined;
    group.toString();
    if (!this.#printing) return group;
    this.#world.label(owner, this.#nameThing(this.#printing));
    return this.#printing;
  }

  #acquired(permit: Permit): void {
    if (!permit.owner) return;
    const thing = groupOf(permit.owner);
    const holder = this.#current();
    this.#permits.push({ permit, thing, holder });
    this.#events.push(`takes ${this.#nameThing(thing)}`);
  }

  #released(permit: Permit): void {
    const at = this.#permits.findIndex((one) => one.permit === permit);
    const [held] = at < 0 ? [] : this.#permits.splice(at, 1);
    if (held) this.#events.push(`releases ${this.#nameThing(held.thing)}`);
  }

  #current(): string {
    const task = (realm.stepping ?? (realm.scope?.() as { task?: object } | null | undefined)?.task) as
      | Task<unknown>
      | undefined;
    return task ? this.#nameOf(task) : (this.#who ?? LOOP);
  }

  /** As the explorer's reports name tasks. */
  #nameOf(task: Task<unknown>): string {
    const known = this.#names.get(task);
    if (known !== undefined) return known;
    let name = task.getName();
    if (/^Task-\d+$/.test(name)) {
      const { label } = task as unknown as { label: string | undefined };
      name = label && label !== 'anonymous' && label !== 'operation' ? label : 'task';
    }
    this.#tasks.push(task);
    return this.#unique(task, name);
  }

  #nameThing(thing: object, name?: string): string {
    const known = this.#names.get(thing);
    if (known !== undefined) return known;
    this.#things.push(thing);
    return this.#unique(thing, name ?? thing.constructor.name);
  }

  #unique(one: object, name: string): string {
    const taken = new Set(this.#names.values());
    let unique = name;
    for (let number = 2; taken.has(unique); number++) unique = `${name} ${number}`;
    this.#names.set(one, unique);
    return unique;
  }
}
