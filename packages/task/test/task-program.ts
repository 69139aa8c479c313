/** Random trees of tasks, run as generators and as async functions, and the rules that they must keep. */
import { isCancelledError, isTimeoutError } from '@aiokit/loop-core';
import {
  allTasks,
  type Coroutine,
  createTask,
  gather,
  isExceptionGroup,
  type Scope,
  shield,
  sleep,
  type Task,
  TaskGroup,
  type TaskSource,
  timeout,
  waitFor,
} from '@aiokit/task';
import fc from 'fast-check';
import { TestLoop } from './with-loop.js';

/** What a task does. */
export type Node =
  | { readonly kind: 'sleep'; readonly ms: number }
  | { readonly kind: 'throw' }
  | { readonly kind: 'steps'; readonly nodes: readonly Node[] }
  | { readonly kind: 'spawn'; readonly child: Child; readonly before: Node }
  | { readonly kind: 'gather'; readonly children: readonly Child[]; readonly returnExceptions: boolean }
  | { readonly kind: 'group'; readonly children: readonly Child[]; readonly body: Node }
  | { readonly kind: 'timeout'; readonly ms: number; readonly body: Node }
  | { readonly kind: 'waitFor'; readonly ms: number; readonly child: Child }
  | { readonly kind: 'shield'; readonly child: Child }
  | { readonly kind: 'catch'; readonly body: Node }
  | { readonly kind: 'finally'; readonly body: Node; readonly ms: number };

/** A task of its own. */
export interface Child {
  readonly async: boolean;
  readonly node: Node;
}

/** Who is cancelled when: `hops` iterations after an instant. */
interface Cancel {
  readonly ms: number;
  readonly hops: number;
  readonly which: number;
}

export interface Program {
  readonly main: Child;
  readonly cancels: readonly Cancel[];
}

const ms = fc.integer({ min: 0, max: 6 });

/** Programs with or without async functions, and with or without all that lets errors be dropped on purpose. */
export function programs(options: {
  readonly async: boolean;
  readonly calm: boolean;
}): fc.Arbitrary<Program> {
  const { node } = fc.letrec<{ node: Node; child: Child; children: readonly Child[] }>((tie) => ({
    child: fc.record({ async: options.async ? fc.boolean() : fc.constant(false), node: tie('node') }),
    children: fc.array(tie('child'), { minLength: 1, maxLength: 3 }),
    node: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      { weight: 3, arbitrary: fc.record({ kind: fc.constant('sleep' as const), ms }) },
      { weight: 2, arbitrary: fc.record({ kind: fc.constant('throw' as const) }) },
      {
        weight: 3,
        arbitrary: fc.record({
          kind: fc.constant('steps' as const),
          nodes: fc.array(tie('node'), { minLength: 1, maxLength: 3 }),
        }),
      },
      {
        weight: 4,
        arbitrary: fc.record({
          kind: fc.constant('spawn' as const),
          child: tie('child'),
          before: tie('node'),
        }),
      },
      {
        weight: 4,
        arbitrary: fc.record({
          kind: fc.constant('group' as const),
          children: tie('children'),
          body: tie('node'),
        }),
      },
      { weight: 2, arbitrary: fc.record({ kind: fc.constant('catch' as const), body: tie('node') }) },
      { weight: 2, arbitrary: fc.record({ kind: fc.constant('finally' as const), body: tie('node'), ms }) },
      ...(options.calm
        ? []
        : [
            {
              weight: 2,
              arbitrary: fc.record({
                kind: fc.constant('gather' as const),
                children: tie('children'),
                returnExceptions: fc.boolean(),
              }),
            },
            {
              weight: 3,
              arbitrary: fc.record({ kind: fc.constant('timeout' as const), ms, body: tie('node') }),
            },
            {
              weight: 2,
              arbitrary: fc.record({ kind: fc.constant('waitFor' as const), ms, child: tie('child') }),
            },
            {
              weight: 2,
              arbitrary: fc.record({ kind: fc.constant('shield' as const), child: tie('child') }),
            },
          ]),
    ),
  }));
  return fc.record({
    main: fc.record({
      async: options.async ? fc.boolean() : fc.constant(false),
      node: fc.record({
        kind: fc.constant('steps' as const),
        nodes: fc.array(node, { minLength: 2, maxLength: 4 }),
      }),
    }),
    cancels: options.calm
      ? fc.constant([])
      : fc.array(fc.record({ ms: fc.integer({ min: 0, max: 8 }), hops: fc.nat(4), which: fc.nat(7) }), {
          maxLength: 3,
        }),
  });
}

/** An error of a program, known by its number. */
class Thrown extends Error {
  override readonly name: string = 'Thrown';
}

/** A run of a program, and what it found. */
export class Run {
  readonly loop: TestLoop = new TestLoop();
  readonly broken: string[] = [];
  readonly events = new Set<string>();
  readonly #tasks: Task<unknown>[] = [];
  readonly #ends = new Map<Task<unknown>, number>();
  readonly #thrown = new Map<Error, number>();
  #cancelsOfMain = 0;
  /** The sections that the main task is in. */
  #sectionsOfMain = 0;

  constructor() {
    const track = (_: object, source: unknown, options?: object): Task<unknown> => {
      this.loop.setTaskFactory(null);
      const task = createTask(source as TaskSource<unknown>, { ...options, loop: this.loop });
      this.loop.setTaskFactory(track);
      this.#tasks.push(task);
      this.#ends.set(task, 0);
      task.addDoneCallback(() => this.#ends.set(task, (this.#ends.get(task) ?? 0) + 1));
      return task;
    };
    this.loop.setTaskFactory(track);
  }

  /** Runs a program to its end, and checks what must hold then. */
  async play({ main, cancels }: Program, exact: boolean): Promise<void> {
    const { loop } = this;
    const root = createTask(this.#source(main), { loop });
    for (const { ms: at, hops, which } of cancels) {
      loop.callAt(at, () => this.#cancelAfter(hops, which, root));
    }
    try {
      await loop.runUntilCompleteAsync(root);
    } catch (error) {
      this.#surface(error);
    }
    let rounds = 50;
    while (allTasks(loop).size > 0 && rounds-- > 0) await loop.runUntilCompleteAsync(sleep(5));
    // The callbacks of the last are on their way.
    await loop.runUntilCompleteAsync(sleep(5));
    if (allTasks(loop).size > 0) this.broken.push('a task is pending at the end');
    for (const [task, ends] of this.#ends) {
      if (ends !== 1) this.broken.push(`${task.getName()} has ended ${ends} times`);
    }
    if (this.#cancelsOfMain === 0 && root.cancelling() !== 0)
      this.broken.push('the main task is left cancelling');
    loop.close();
    for (const { exception } of loop.takeReports()) {
      this.events.add('reported');
      this.#surface(exception);
    }
    for (const [error, times] of this.#thrown) {
      if (times > 1) this.broken.push(`error ${error.message} came up ${times} times`);
      if (exact && times === 0) this.broken.push(`error ${error.message} was lost`);
    }
  }

  #cancelAfter(hops: number, which: number, root: Task<unknown>): void {
    if (hops > 0) {
      this.loop.callSoon(() => this.#cancelAfter(hops - 1, which, root));
      return;
    }
    const task = this.#tasks[which % this.#tasks.length];
    if (!task || task.done()) return;
    this.events.add(task === root ? 'the main task is cancelled' : 'a task is cancelled');
    // Whoever awaits a task and is cancelled with it is not cancelled itself: only the main task is nobody's.
    if (task === root) this.#cancelsOfMain++;
    task.cancel();
  }

  #source({ async, node }: Child): TaskSource<unknown> {
    this.events.add(async ? 'an async function' : 'a generator');
    return async ? async (scope: Scope) => this.#runAsync(node, scope) : () => this.#run(node);
  }

  /** Somebody has caught an error for good. */
  #surface(error: unknown): void {
    if (isExceptionGroup(error)) {
      for (const one of error.errors) this.#surface(one);
    } else if (this.#thrown.has(error as Error)) {
      this.#thrown.set(error as Error, (this.#thrown.get(error as Error) ?? 0) + 1);
    } else if (!isCancelledError(error) && !isTimeoutError(error)) {
      this.broken.push(`an error that nobody has thrown: ${String(error)}`);
    }
  }

  /** Who is cancelled in the iteration in which a task has failed that it awaits is thrown the cancellation instead. */
  #lost(error: unknown, child: Task<unknown>): void {
    if (!isCancelledError(error) || !child.done() || child.cancelled()) return;
    this.events.add('a failure is lost to a cancellation');
    if (child.exception() !== null) this.#surface(child.exception());
  }

  #fail(): never {
    const error = new Thrown(String(this.#thrown.size));
    this.#thrown.set(error, 0);
    throw error;
  }

  /** Called when a section begins; returns the count of cancellations before. */
  #entered(task: Task<unknown>): number {
    if (task === this.#tasks[0]) this.#sectionsOfMain++;
    return task.cancelling();
  }

  /** Called when a section is over. */
  #left(
    what: string,
    task: Task<unknown>,
    before: number,
    error: unknown,
    members: readonly Task<unknown>[],
  ): void {
    const outcome = isCancelledError(error)
      ? 'cancelled'
      : isTimeoutError(error)
        ? 'late'
        : error === undefined
          ? 'ended'
          : 'failed';
    this.events.add(`${what} ${outcome}`);
    if (members.some((member) => !member.done())) this.broken.push('a task has outlived its group');
    const after = task.cancelling();
    if (after < before) this.broken.push(`${what} has taken a cancellation away`);
    if (task !== this.#tasks[0]) return;
    this.#sectionsOfMain--;
    if (this.#sectionsOfMain === 0 && this.#cancelsOfMain === 0 && after !== 0)
      this.broken.push(`${what} has left a cancellation`);
  }

  *#run(node: Node): Coroutine<void> {
    const task = this.#current();
    switch (node.kind) {
      case 'sleep':
        yield* sleep(node.ms);
        return;
      case 'throw':
        return this.#fail();
      case 'steps':
        for (const one of node.nodes) yield* this.#run(one);
        return;
      case 'spawn': {
        const child = createTask(this.#source(node.child));
        yield* this.#run(node.before);
        try {
          yield* child;
        } catch (error) {
          this.#lost(error, child);
          throw error;
        }
        return;
      }
      case 'gather': {
        const { returnExceptions } = node;
        const results = yield* gather(
          node.children.map((child) => this.#source(child)),
          { returnExceptions },
        );
        this.events.add('gather ended');
        if (returnExceptions)
          for (const result of results) if (result instanceof Error) this.#surface(result);
        return;
      }
      case 'group':
      case 'timeout': {
        const before = this.#entered(task());
        const members: Task<unknown>[] = [];
        let failure: unknown;
        try {
          if (node.kind === 'timeout') {
            const { body } = node;
            yield* timeout(node.ms, () => this.#run(body));
          } else {
            const { body, children } = node;
            yield* new TaskGroup().run(
              function* (this: Run, group: TaskGroup): Coroutine<void> {
                for (const child of children) members.push(group.createTask(this.#source(child)));
                yield* this.#run(body);
              }.bind(this),
            );
          }
        } catch (error) {
          failure = error;
          throw error;
        } finally {
          this.#left(node.kind, task(), before, failure, members);
        }
        return;
      }
      case 'waitFor': {
        const before = this.#entered(task());
        let failure: unknown;
        try {
          yield* waitFor(createTask(this.#source(node.child)), node.ms);
        } catch (error) {
          failure = error;
          throw error;
        } finally {
          this.#left('waitFor', task(), before, failure, []);
        }
        return;
      }
      case 'shield':
        yield* shield(this.#source(node.child));
        this.events.add('shield ended');
        return;
      case 'catch':
        try {
          yield* this.#run(node.body);
        } catch (error) {
          this.events.add(isCancelledError(error) ? 'a cancellation is caught' : 'an error is caught');
          this.#surface(error);
        }
        return;
      case 'finally':
        yield* this.#cleaningUp(node);
    }
  }

  /** A clean-up that is cancelled has its CancelledError in place of what was thrown before. */
  *#cleaningUp({ body, ms: cleanUpMs }: { readonly body: Node; readonly ms: number }): Coroutine<void> {
    let failure: unknown;
    try {
      yield* this.#run(body);
    } catch (error) {
      failure = error;
    }
    try {
      yield* sleep(cleanUpMs);
    } catch (error) {
      if (failure !== undefined) this.#surface(failure);
      throw error;
    }
    this.events.add('cleaned up');
    if (failure !== undefined) throw failure;
  }

  async #cleaningUpAsync(
    { body, ms: cleanUpMs }: { readonly body: Node; readonly ms: number },
    scope: Scope,
  ): Promise<void> {
    let failure: unknown;
    try {
      await this.#runAsync(body, scope);
    } catch (error) {
      failure = error;
    }
    try {
      await sleep(cleanUpMs);
    } catch (error) {
      if (failure !== undefined) this.#surface(failure);
      throw error;
    }
    this.events.add('cleaned up');
    if (failure !== undefined) throw failure;
  }

  /** The task of a generator, asked for when a step of it runs. */
  #current(): () => Task<unknown> {
    return () =>
      (globalThis as unknown as { [key: symbol]: { stepping: Task<unknown> } })[Symbol.for('aiokit.realm/1')]!
        .stepping;
  }

  async #runAsync(node: Node, scope: Scope): Promise<void> {
    const { task } = scope;
    switch (node.kind) {
      case 'sleep':
        await sleep(node.ms);
        return;
      case 'throw':
        return this.#fail();
      case 'steps':
        for (const one of node.nodes) await this.#runAsync(one, scope);
        return;
      case 'spawn': {
        const child = createTask(this.#source(node.child));
        await this.#runAsync(node.before, scope);
        try {
          await child;
        } catch (error) {
          this.#lost(error, child);
          throw error;
        }
        return;
      }
      case 'gather': {
        const { returnExceptions } = node;
        const results = await gather(
          node.children.map((child) => this.#source(child)),
          { returnExceptions },
        );
        this.events.add('gather ended');
        if (returnExceptions)
          for (const result of results) if (result instanceof Error) this.#surface(result);
        return;
      }
      case 'group':
      case 'timeout': {
        const before = this.#entered(task);
        const members: Task<unknown>[] = [];
        let failure: unknown;
        try {
          if (node.kind === 'timeout') {
            const { body } = node;
            await timeout(node.ms, async (limit) => this.#runAsync(body, limit));
          } else {
            const { body, children } = node;
            await new TaskGroup().run(async (group) => {
              for (const child of children) members.push(group.createTask(this.#source(child)));
              await this.#runAsync(body, group);
            });
          }
        } catch (error) {
          failure = error;
          throw error;
        } finally {
          this.#left(node.kind, task, before, failure, members);
        }
        return;
      }
      case 'waitFor': {
        const before = this.#entered(task);
        let failure: unknown;
        try {
          await waitFor(createTask(this.#source(node.child)), node.ms);
        } catch (error) {
          failure = error;
          throw error;
        } finally {
          this.#left('waitFor', task, before, failure, []);
        }
        return;
      }
      case 'shield':
        await shield(this.#source(node.child));
        this.events.add('shield ended');
        return;
      case 'catch':
        try {
          await this.#runAsync(node.body, scope);
        } catch (error) {
          this.events.add(isCancelledError(error) ? 'a cancellation is caught' : 'an error is caught');
          this.#surface(error);
        }
        return;
      case 'finally':
        await this.#cleaningUpAsync(node, scope);
    }
  }
}
