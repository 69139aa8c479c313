/** Who holds what, and since when. Permits that nobody can release any more are reported. */
import { type LoopHooks, realm } from '@aiokit/loop-core';
import { getDebugLimits } from '../limits.js';
import { isDebugged } from './debugged.js';
import { stepNumber, toldAt } from './causes.js';
import { atEnd, hasRested, weakly } from './endings.js';
import { type Blocker, type TaskNotes, taskNotes } from './notes.js';
import { capture, type Place, textOf } from './stack.js';
import { currentTask, type TaskLike } from './tasks.js';
import { warn } from '../warnings.js';

interface PermitLike {
  readonly owner: object | undefined;
}

/** A permit that was taken. It does not hold on to the task, which would never be collected while its lock is there. */
export interface Holding {
  /** What it is a hold on, as it was then. */
  readonly owner: object;
  /** Whose code took it; undefined if that was of no task. */
  readonly by: WeakRef<TaskLike> | undefined;
  /** What it was called. */
  readonly taker: string;
  readonly place: Place;
  readonly when: number;
  /** The step in which it was taken, and that in which its task had been told something last. */
  readonly step: number;
  readonly told: number;
}

interface Group extends Blocker {
  readonly live: Set<PermitLike>;
  /** The notes of the task that has it alone. */
  sole: TaskNotes | undefined;
  /** Whether somebody else than the holder has released: it is used as a signal, and has no holders to wait for. */
  signal: boolean;
  /** Whether a holder has released. */
  guard: boolean;
}

const NOBODY = 'code of no task';

declare const performance: { now(): number };

const holdings = /* @__PURE__ */ new WeakMap<PermitLike, Holding>();
const groups = /* @__PURE__ */ new WeakMap<object, Group>();

/** The lock that an owner is a way into. */
export const groupOf = (owner: object): object => (owner as { lock?: object }).lock ?? owner;

/** Whoever holds it, in a sentence. */
export const takerOf = ({ by, taker }: Holding): string => (by ? `task '${taker}'` : NOBODY);

/** The task that took it; undefined if it was of none, or is gone. */
export const taskOf = ({ by }: Holding): TaskLike | undefined => by?.deref();

/** Who took a permit, and where. */
export const holdingOf = (permit: unknown): Holding | undefined => holdings.get(permit as PermitLike);

/** The permits that are live of a primitive, and who took them. */
export function holdersOf(owner: object): Holding[] {
  const made: Holding[] = [];
  for (const permit of groups.get(groupOf(owner))?.live ?? []) {
    const holding = holdings.get(permit);
    if (holding && permit.owner === holding.owner) made.push(holding);
  }
  return made;
}

/** What waits for a primitive waits for whom; undefined if nobody has ever taken it. */
export const blockerOf = (owner: object): Blocker | undefined => groups.get(groupOf(owner));

/** Whether a primitive was released by somebody else than its holder. */
export const isSignal = (owner: object): boolean => groups.get(groupOf(owner))?.signal === true;

/** Whether a primitive was released by its holders, and by nobody else. */
export function isGuard(owner: object): boolean {
  const group = groups.get(groupOf(owner));
  return group?.guard === true && !group.signal;
}

interface Unreleased {
  readonly what: string;
  readonly taker: string;
  readonly task: WeakRef<TaskLike> | undefined;
  readonly place: Place;
}

function report({ what, taker, place }: Unreleased, how: string): void {
  warn(
    'leaked-permit',
    `a permit of ${what} ${how}; ${taker} took it at (most recent call first):\n${textOf(place)}`,
  );
}

/** A primitive keeps its permits, so both are collected together. */
const unreleased = weakly<Unreleased>((record) => report(record, 'was collected unreleased'));

atEnd((loop) => {
  for (const record of unreleased.records()) {
    const task = record.task?.deref();
    if (loop && task?.getLoop() !== loop) continue;
    // A pending task is reported itself; code of no task may go on until the host has nothing left to do.
    if (record.task ? !loop && task?.done() === false : !hasRested()) continue;
    unreleased.drop(record);
    if (task?.done() !== false) report(record, 'was never released');
  }
});

function acquired(given: object): void {
  const permit = given as PermitLike;
  const { owner } = permit;
  const task = currentTask();
  const loop = task?.getLoop() ?? realm.running;
  if (!owner || (loop && !isDebugged(loop))) return;
  const holding: Holding = {
    owner,
    by: task && new WeakRef(task),
    taker: task ? task.getName() : NOBODY,
    place: capture(),
    when: loop ? loop.time() : performance.now(),
    step: stepNumber(),
    told: task ? toldAt(task) : 0,
  };
  if (task) {
    const notes = taskNotes(task);
    (notes.held ??= new Set()).add(holding);
    notes.naps = 0;
  }
  holdings.set(permit, holding);
  const key = groupOf(owner);
  let group = groups.get(key);
  if (!group) groups.set(key, (group = { live: new Set(), sole: undefined, signal: false, guard: false }));
  group.live.add(permit);
  // What a task is known to wait for holds on to it.
  const alone = group.live.size === 1 && getDebugLimits().leaks === 'end';
  group.sole = task && alone ? taskNotes(task) : undefined;
  unreleased.watch(permit, {
    what: `<${key.constructor.name}>`,
    taker: takerOf(holding),
    task: holding.by,
    place: holding.place,
  });
}

/** Notes who holds what. */
export const permitHooks: LoopHooks = {
  acquired,
  released(given) {
    const permit = given as PermitLike;
    const holding = holdings.get(permit);
    if (!holding) return;
    const group = groups.get(groupOf(holding.owner));
    if (group) {
      group.live.delete(permit);
      group.sole = undefined;
    }
    unreleased.forget(permit);
    if (!holding.by) return;
    const task = taskOf(holding);
    if (task) taskNotes(task).held?.delete(holding);
    if (!group) return;
    if (task && currentTask() === task) group.guard = true;
    else group.signal = true;
  },
  taken(permit) {
    const holding = holdings.get(permit as PermitLike);
    return holding && { where: textOf(holding.place), when: holding.when };
  },
};
