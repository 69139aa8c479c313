/** The steps that may wait. */
import { isCancelledError } from '@aiokit/loop-core';
import {
  asCompleted,
  type Coroutine,
  currentTask,
  gather,
  type ReturnWhen,
  shield,
  sleep,
  TaskGroup,
  timeout,
  wait,
  waitFor,
} from '@aiokit/task';
import { me, type Me, type Run } from './interpreter.js';
import type { Source, Steps } from './program.js';
import { show, showError } from './show.js';

type Any = Coroutine<unknown>;
type Nothing = Coroutine<void>;

function* acquire(run: Run, _: Me, name: string): Nothing {
  yield* run.thing(name).acquire();
}

function* waitUntil(run: Run, _: Me, name: string, event: string): Any {
  return yield* run.thing(name).waitFor(() => run.thing(event).isSet());
}

function* awaitOne(run: Run, who: Me, name: string): Any {
  const one = run.ref(name);
  if (one === currentTask()) return yield* one;
  return yield* run.owning(who, [name], () => one);
}

function gatherAll(run: Run, who: Me, returnExceptions: boolean, sources: Source[]): Any {
  const make = () =>
    gather(
      sources.map((one) => run.source(who, one)),
      { returnExceptions },
    );
  return run.owning(who, sources, make);
}

function* waitForSome(
  run: Run,
  who: Me,
  returnWhen: ReturnWhen,
  timeoutMs: number | null,
  names: string[],
): Any {
  const ones = new Map(names.map((name) => [run.name(name), run.ref(name)]));
  const make = () => wait(ones.values(), { timeoutMs: timeoutMs ?? undefined, returnWhen });
  const [done] = (yield* run.owning(who, names, make)) as [Set<unknown>];
  const shown = [...ones].filter(([, one]) => done.has(one)).map(([name]) => name);
  return shown.join(' ') || 'none';
}

function* collect(run: Run, who: Me, timeoutMs: number | null, names: string[]): Any {
  const ones = names.map((name) => run.ref(name));
  // Of those that are done the first only: asyncio takes them in the order of a set.
  const first = ones.find((one) => one.done());
  const waited = ones.filter((one) => !one.done() || one === first);
  const found: string[] = [];
  for (const one of asCompleted(waited, { timeoutMs })) {
    let value: string;
    try {
      value = show(yield* one);
    } catch (error) {
      if (isCancelledError(error)) throw error;
      value = showError(error);
    }
    run.note(`${who.label} next ${value}`);
    found.push(value);
  }
  return found.join(' ');
}

function* limited(run: Run, { label, index, group }: Me, delayMs: number | null, steps: Steps): Any {
  const limit = yield* timeout(delayMs, function* (given) {
    yield* run.block(me(label, index, group, given), steps);
    return given;
  });
  return limit.expired();
}

function* grouped(run: Run, { label, index, limit }: Me, steps: Steps): Nothing {
  yield* new TaskGroup().run(function* (group) {
    yield* run.block(me(label, index, group, limit), steps);
  });
}

function* section(run: Run, who: Me, name: string, steps: Steps): Nothing {
  const one = run.thing(name);
  yield* one.acquire();
  try {
    yield* run.block(who, steps);
  } finally {
    one.release();
  }
}

function* within(run: Run, who: Me, name: string, steps: Steps): Nothing {
  yield* run.thing(name).with(function* () {
    yield* run.block(who, steps);
  });
}

function* attempt(run: Run, who: Me, mode: string, steps: Steps): Any {
  try {
    yield* run.block(who, steps);
  } catch (error) {
    if (isCancelledError(error)) {
      if (mode === 'errors') throw error;
      if (mode === 'uncancel') run.tasks[who.index]?.uncancel();
    }
    return error;
  }
  return undefined;
}

type Waits = (run: Run, who: Me, ...args: never[]) => Any;

const table: Readonly<Record<string, Waits>> = {
  acquire,
  *wait(run, _, name: string) {
    return yield* run.thing(name).wait();
  },
  waitUntil,
  *sleep(_run, _, delayMs: number) {
    yield* sleep(delayMs);
  },
  *put(run, _, name: string, item: number) {
    yield* run.thing(name).put(item);
  },
  *get(run, _, name: string) {
    return yield* run.thing(name).get();
  },
  *join(run, _, name: string) {
    yield* run.thing(name).join();
  },
  *reset(run, _, name: string) {
    yield* run.thing(name).reset();
  },
  *abort(run, _, name: string) {
    yield* run.thing(name).abort();
  },
  await: awaitOne,
  gather: gatherAll,
  some: waitForSome,
  shield: (run, who, source: Source) => run.owning(who, [source], () => shield(run.source(who, source))),
  waitFor: (run, who, delayMs: number | null, source: Source) =>
    run.owning(who, [source], () => waitFor(run.source(who, source), delayMs)),
  each: (run, who, timeoutMs: number | null, names: string[]) =>
    run.owning(who, names, () => collect(run, who, timeoutMs, names)),
  timeout: limited,
  group: grouped,
  section,
  with: within,
  try: attempt,
};

/** By their names. */
export const WAITS = table as Readonly<Record<string, (run: Run, who: Me, ...args: unknown[]) => Any>>;
