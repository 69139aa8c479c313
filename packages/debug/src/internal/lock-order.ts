/**
 * Locks that are taken in two orders and have not met yet. An order is one lock that is asked for while another is held.
 * Two opposite ones are reported if nothing keeps them apart: they are of two tasks, nothing else is held in both that lets
 * in one at a time (a gate), nobody told the later task anything since before the earlier one asked, and one of them waits
 * between its two locks, since without a wait nobody comes between. Asking with a time limit or a signal is no order: it
 * ends.
 */
import type { LoopHooks } from '@aiokit/loop-core';
import { isDebugged } from './debugged.js';
import { stepNumber } from './causes.js';
import { isLimited } from './joins.js';
import { taskNotes } from './notes.js';
import { groupOf, holdersOf, holdingOf, isGuard, taskOf } from './permits.js';
import { type Place, textOf } from './stack.js';
import { isTask, isWaiter, pendingSourcesOf, type TaskLike } from './tasks.js';
import { warn } from '../warnings.js';

/** A lock that was asked for by a task that held another. */
interface Order {
  /** The task, without holding on to it. */
  readonly task: WeakRef<TaskLike>;
  readonly name: string;
  /** What else it held, and whether it was alone in it. */
  readonly gates: ReadonlyMap<object, boolean>;
  readonly waited: boolean;
  /** When it had been told something last, before it took the first; when it asked for the second. */
  readonly told: number;
  readonly asked: number;
  readonly first: Place;
  readonly second: Place | undefined;
}

/** By the lock that was held, and that which was asked for. */
const orders = /* @__PURE__ */ new WeakMap<object, WeakMap<object, Order[]>>();
/** So many of each are kept, the latest. */
const KEPT = 4;

/** Whether whoever has it is alone: a lock, or the way of a writer. */
function isExclusive(owner: object): boolean {
  const group = groupOf(owner) as { write?: object };
  return 'holder' in group || group.write === owner;
}

/** Whether whoever has it keeps all others out: also of a semaphore or a limiter of which nothing is left. */
function isAlone(owner: object): boolean {
  if (isExclusive(owner)) return true;
  const { value, granted } = owner as { value?: number; granted?: number };
  return value !== undefined && value <= 0 && granted === 0 && holdersOf(owner).length === 1;
}

/** Whether both are behind something that only one of them gets into at a time. */
function keptApart(one: Order, later: Order): boolean {
  for (const [gate, alone] of one.gates) {
    const other = later.gates.get(gate);
    if (other !== undefined && (alone || other)) return true;
  }
  return false;
}

function listOf(held: object, asked: object): Order[] {
  let inner = orders.get(held);
  if (!inner) orders.set(held, (inner = new WeakMap()));
  let list = inner.get(asked);
  if (!list) inner.set(asked, (list = []));
  return list;
}

const collide = (one: Order, task: TaskLike, later: Order): boolean =>
  one.task.deref() !== task &&
  later.told < one.asked &&
  (one.waited || later.waited) &&
  !keptApart(one, later);

function report(held: object, asked: object, one: Order, later: Order): void {
  const told = ({ name, first, second }: Order): string =>
    `'${name}' took the first at (most recent call first):\n${textOf(first)}${second ? `\nand asked for the second at (most recent call first):\n${textOf(second)}` : ''}`;
  warn(
    'lock-order',
    `lock order: task '${later.name}' asks for ${String(asked)} while it has ${String(held)}, and task '${one.name}' asks for them the other way round: some day they wait for each other\n${told(later)}\n${told(one)}`,
    `${later.first.stack}\n${one.first.stack}`,
  );
}

/** A task asks for a lock, and waits until it has it. */
function asks(task: TaskLike, owner: object, second: Place | undefined): void {
  const { held } = taskNotes(task);
  const asked = groupOf(owner);
  if (!held || held.size === 0 || !isExclusive(owner) || isLimited(task)) return;
  const others = [...held].filter((one) => isExclusive(one.owner) && groupOf(one.owner) !== asked);
  const behind = [...held].map(({ owner: gate }) => [groupOf(gate), isAlone(gate)] as const);
  for (const holding of others) {
    const first = groupOf(holding.owner);
    const order: Order = {
      task: new WeakRef(task),
      name: task.getName(),
      gates: new Map(behind.filter(([gate]) => gate !== first && gate !== asked)),
      waited: holding.step !== stepNumber(),
      told: holding.told,
      asked: stepNumber(),
      first: holding.place,
      second,
    };
    const list = listOf(first, asked);
    list.push(order);
    if (list.length > KEPT) list.shift();
    const opposite = listOf(asked, first).find((one) => collide(one, task, order));
    if (!opposite || !isGuard(asked) || !isGuard(first)) continue;
    // Who holds it now is about to meet this one, which is another report.
    if (holdersOf(asked).some((one) => one.by && taskOf(one) === opposite.task.deref())) continue;
    report(first, asked, opposite, order);
  }
}

/** Looks at what is asked for. */
export const lockOrderHooks: LoopHooks = {
  operation(operation) {
    const permit = (operation as { value?: unknown }).value;
    const holding = typeof permit === 'object' && permit !== null ? holdingOf(permit) : undefined;
    const task = holding && taskOf(holding);
    if (!task || !isDebugged(task.getLoop()) || !operation.done() || isLimited(permit as object)) return;
    asks(task, holding.owner, holding.place);
  },
  waits(task) {
    if (!isTask(task) || !isDebugged(task.getLoop())) return;
    for (const source of pendingSourcesOf(task)) {
      if (!isWaiter(source) || source.timer || source.signal) continue;
      asks(task, source.queue.owner, taskNotes(task).where);
    }
  },
};
