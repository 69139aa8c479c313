/** The steps that do not wait. */
import { CancelledError } from '@aiokit/loop-core';
import type { Me, Run } from './interpreter.js';
import type { Steps } from './program.js';
import { Failure, show } from './show.js';
import type { Thing } from './things.js';

/** Carries what a program throws by itself out of a step. */
export class Raised extends Error {
  constructor(cause: unknown) {
    super('', { cause });
  }
}

function poll(run: Run, name: string): string {
  const one = run.ref(name) as Thing;
  switch (name[0] as string) {
    case 'T':
    case 'F':
      return run.state(one);
    case 'Q':
      return `${one.empty()} ${one.full()} ${one.qsize()}`;
    case 'E':
      return show(one.isSet());
    case 'W':
      return `${one.nWaiting} ${one.broken}`;
    default:
      return show(one.locked());
  }
}

function addCallback(run: Run, name: string): void {
  const one = run.ref(name);
  const shown = run.name(name);
  let callback = run.callbacks.get(one);
  if (callback === undefined) {
    callback = (done) => run.note(`callback ${shown}${run.state(done)}`);
    run.callbacks.set(one, callback);
  }
  one.addDoneCallback(callback);
}

function removeCallback(run: Run, name: string): number {
  const one = run.ref(name);
  const callback = run.callbacks.get(one);
  return callback ? one.removeDoneCallback(callback) : 0;
}

function reschedule(run: Run, { limit }: Me, delayMs: number | null): void {
  limit?.reschedule(delayMs === null ? null : run.loop.time() + delayMs);
}

function raise(text: string): never {
  throw new Raised(text === 'CancelledError' ? new CancelledError() : new Failure(text));
}

type Quick = (run: Run, who: Me, ...args: never[]) => unknown;

const table: Readonly<Record<string, Quick>> = {
  release: (run, _, name: string) => run.thing(name).release(),
  set: (run, _, name: string) => run.thing(name).set(),
  clear: (run, _, name: string) => run.thing(name).clear(),
  notify: (run, _, name: string, n: number) => run.thing(name).notify(n),
  notifyAll: (run, _, name: string) => run.thing(name).notifyAll(),
  putNowait: (run, _, name: string, item: number) => run.thing(name).putNowait(item),
  getNowait: (run, _, name: string) => run.thing(name).getNowait(),
  taskDone: (run, _, name: string) => run.thing(name).taskDone(),
  shutdown: (run, _, name: string, immediate: boolean) => run.thing(name).shutdown({ immediate }),
  setResult: (run, _, name: string, value: number) => run.ref(name).setResult(value),
  setException: (run, _, name: string, text: string) => run.ref(name).setException(new Failure(text)),
  cancel: (run, _, name: string, message?: string) => run.ref(name).cancel(message),
  poll: (run, _, name: string) => poll(run, name),
  result: (run, _, name: string) => run.ref(name).result(),
  callback: (run, _, name: string) => addCallback(run, name),
  uncallback: (run, _, name: string) => removeCallback(run, name),
  cancelling: (run, { index }) => run.tasks[index]?.cancelling(),
  uncancel: (run, { index }) => run.tasks[index]?.uncancel(),
  create: (run, who, steps: Steps) => run.create(who, steps, 'create'),
  child: (run, who, steps: Steps) => run.create(who, steps, 'child'),
  eager: (run, who, steps: Steps) => run.create(who, steps, 'eager'),
  raise: (_run, _, text: string) => raise(text),
  reschedule,
  soon: (run, _, mark: number) => void run.handles.push(run.loop.callSoon(() => run.note(`soon ${mark}`))),
  later: (run, _, delayMs: number, mark: number) =>
    void run.handles.push(run.loop.callLater(delayMs, () => run.note(`later ${mark}`))),
  drop: (run, _, number: number) => run.handles[number % run.handles.length]?.cancel(),
  crash: (run, _, text: string) =>
    void run.loop.callSoon(() => {
      throw new Failure(text);
    }),
};

/** By their names. */
export const QUICK = table as Readonly<Record<string, (run: Run, who: Me, ...args: unknown[]) => unknown>>;

/** Those whose first argument is a name, to be shown. */
export const REFERS: ReadonlySet<string> = new Set(
  Object.keys(QUICK).slice(0, Object.keys(QUICK).indexOf('cancelling')),
);
