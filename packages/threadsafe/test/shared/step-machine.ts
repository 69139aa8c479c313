/**
 * Runs the algorithms as they are, one access to the memory at a time, in every order.
 *
 * `Atomics` and the memory are replaced by ones that know which thread runs. A thread that has taken its step is stopped by
 * an exception; to go on it is run again from the beginning of its operation and told what it was told before. So the source
 * needs no marks. Between two atomic accesses others run; a thread may be killed before each access of whatever kind.
 */
import { bury, declareDead } from '../../src/shared/bury.js';
import type { Thread } from '../../src/shared/guard.js';
import {
  HEADER_WORDS,
  LIMIT,
  NEXT_UNIT,
  NODES,
  SLOT_WORDS,
  slotAt,
  THREADS,
  unitsAt,
} from '../../src/shared/layout.js';
import { nodesOf } from '../../src/shared/line.js';

/** What a thread remembers between its operations. */
interface Memory {
  free: number[];
  held: number[];
  log: (string | number)[];
}

/** An operation; it blocks where `Atomics.wait` does. */
export type Step = (t: Thread, own: Memory) => void;

export interface Program {
  /** Makes the units; returns where each is. */
  make(m: Int32Array): void;
  threads: readonly (readonly Step[])[];
  /** Which threads may not block on a guard. */
  loops?: readonly number[];
  /** Which thread may be killed at any access; none unless given. */
  mortal?: number;
  /** Must be so in every state. */
  always?(world: World): void;
  /** Must be so when nothing can happen any more. */
  finally?(world: World): void;
  nodes?: number;
  /** Whether somebody may be left asleep. */
  mayWait?: boolean;
  /** How often a thread that could go on is interrupted by another; without a limit unless given. */
  preemptions?: number;
}

interface Actor {
  op: number;
  /** What its accesses have given since the operation began. */
  given: readonly number[];
  own: Memory;
  /** What it is about to do. */
  next: 'atomic' | 'plain' | 'end';
  /** The guard that it waits for without sleeping, or -1. */
  until: number;
  /** What it must be. */
  wanted: number;
  asleep: number;
  mayTimeOut: boolean;
  dead: boolean;
}

export interface World {
  cells: Int32Array;
  actors: Actor[];
  /** Who sleeps, in order. */
  sleepers: number[];
  buried: boolean;
  /** Who took the last step, and how often the one before could have gone on. */
  last: number;
  preempted: number;
}

class Stop extends Error {
  readonly plain: boolean;
  constructor(plain: boolean) {
    super();
    this.plain = plain;
  }
}
const WAITS_NOW = -77;
const WAIT_RESULTS = ['ok', 'not-equal', 'timed-out'] as const;

/** The run of one operation. */
interface Run {
  world: World;
  actor: number;
  given: number[];
  at: number;
  fuel: number;
  immortal: boolean;
}
let run: Run | undefined;

function access(plain: boolean, work: (cells: Int32Array, run: Run) => number): number {
  const now = run as Run;
  if (now.at < now.given.length) return now.given[now.at++] as number;
  // Of plain accesses none is a step, unless who makes them may be killed between.
  if (now.fuel === 0 && !(plain && now.immortal)) throw new Stop(plain);
  if (!(plain && now.immortal)) now.fuel--;
  const result = work(now.world.cells, now);
  // It has taken its step, and goes on when somebody lets it.
  if (result === WAITS_NOW) throw new Stop(false);
  now.given.push(result);
  now.at++;
  return result;
}

const readModifyWrite =
  (change: (old: number, value: number) => number) => (_m: unknown, at: number, value: number) =>
    access(false, (cells) => {
      const old = cells[at] as number;
      cells[at] = change(old, value);
      return old;
    });

/** In place of `Atomics`, while a program is explored. */
const steppedAtomics = {
  load: (_m: unknown, at: number) => access(false, (cells) => cells[at] as number),
  store: (_m: unknown, at: number, value: number) =>
    access(false, (cells) => {
      cells[at] = value;
      return value;
    }),
  add: readModifyWrite((old, value) => old + value),
  sub: readModifyWrite((old, value) => old - value),
  exchange: readModifyWrite((_old, value) => value),
  compareExchange: (_m: unknown, at: number, expected: number, value: number) => {
    const found = access(false, (cells) => {
      const old = cells[at] as number;
      if (old === expected) cells[at] = value;
      return old;
    });
    if (found !== expected) refused = at;
    return found;
  },
  notify: (_m: unknown, at: number, count = Infinity) =>
    access(false, (_cells, { world }) => {
      let woken = 0;
      const { sleepers } = world;
      for (const one of sleepers) {
        const actor = world.actors[one] as Actor;
        if (actor.asleep !== at || woken >= count) continue;
        rouse(world, one, 0);
        woken++;
      }
      return woken;
    }),
  wait: (_m: unknown, at: number, value: number, timeoutMs = Infinity) =>
    WAIT_RESULTS[
      access(false, (cells, { world, actor }) => {
        if (cells[at] !== value) return 1;
        const sleeper = world.actors[actor] as Actor;
        sleeper.asleep = at;
        sleeper.mayTimeOut = timeoutMs < Infinity;
        world.sleepers.push(actor);
        return WAITS_NOW;
      })
    ],
};

function rouse(world: World, one: number, result: number): void {
  const actor = world.actors[one] as Actor;
  actor.asleep = -1;
  actor.given = [...actor.given, result];
  world.sleepers = world.sleepers.filter((other) => other !== one);
}

/** Plain accesses, whose order matters only to who is killed between them. */
const memory = new Proxy({} as Int32Array, {
  get: (_target, key) => access(true, (cells) => cells[Number(key)] as number),
  set: (_target, key, value: number) => {
    access(true, (cells) => (cells[Number(key)] = value));
    return true;
  },
});

/** The word that was not as a `compareExchange` expected it, the last time. */
let refused = 0;

/** What `later` comes to on a loop: done again when the guard is free. */
export function persist(work: () => boolean): void {
  while (!work()) until(refused, 0);
}

/** Goes on when a word has a value. */
export function until(word: number, wanted: number): void {
  access(false, (cells, { world, actor }) => {
    if (cells[word] === wanted) return 0;
    Object.assign(world.actors[actor] as Actor, { until: word, wanted });
    return WAITS_NOW;
  });
}

function fork(world: World): World {
  return {
    cells: world.cells.slice(),
    actors: world.actors.map((actor) => ({ ...actor })),
    sleepers: [...world.sleepers],
    buried: world.buried,
    last: world.last,
    preempted: world.preempted,
  };
}

const copy = ({ free, held, log }: Memory): Memory => ({ free: [...free], held: [...held], log: [...log] });

export interface Explored {
  states: number;
  ends: number;
}

/** A limit of preemptions, which the stress command raises. */
export const upTo = (preemptions: number): number => preemptions + Number(process.env.AIOKIT_STRESS ? 1 : 0);

/** Explores a program. Throws what a check throws, with the steps that led there. */
export function explore(program: Program, limit = 1_000_000): Explored {
  const { Atomics: atomics, performance: clock } = globalThis;
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 0;
  // No time passes: that it is up is a step of its own.
  Object.assign(globalThis, { Atomics: steppedAtomics });
  Object.defineProperty(globalThis, 'performance', {
    value: { now: () => 0 },
    configurable: true,
    writable: true,
  });
  try {
    return search(program, limit);
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
    Object.assign(globalThis, { Atomics: atomics });
    Object.defineProperty(globalThis, 'performance', { value: clock, configurable: true, writable: true });
  }
}

function search(program: Program, limit: number): Explored {
  const { threads, loops = [], mortal = -1, preemptions = Infinity } = program;
  const undertaker = threads.length;
  const threadOf = (slot: number, canBlock: boolean): Thread => ({
    m: memory,
    slot,
    me: (slot + 1) << 1,
    spins: 0,
    patience: 0,
    canBlock,
    later: persist,
  });

  /** Gives an actor fuel for one access. */
  const advance = (world: World, one: number, fuel: number): void => {
    const actor = world.actors[one] as Actor;
    const own = copy(actor.own);
    const given = [...actor.given];
    run = { world, actor: one, given, at: 0, fuel, immortal: one !== mortal };
    const thread = threadOf(one, one !== undertaker && !loops.includes(one));
    actor.until = -1;
    try {
      if (one === undertaker) {
        declareDead(thread, mortal, mortal + 2);
        // A guard that is busy has it begin again.
        world.buried = bury(thread);
        actor.next = world.buried ? 'end' : 'atomic';
      } else {
        const step = threads[one]?.[actor.op] as Step;
        step(thread, own);
        actor.op++;
        actor.own = own;
        actor.next = actor.op === threads[one]?.length ? 'end' : 'atomic';
      }
      actor.given = [];
    } catch (stop) {
      if (!(stop instanceof Stop)) throw stop;
      actor.next = stop.plain ? 'plain' : 'atomic';
      actor.given = given;
    } finally {
      run = undefined;
    }
  };

  const enabled = (world: World, one: number): boolean => {
    const { next, asleep, dead, until, wanted } = world.actors[one] as Actor;
    if (dead || next === 'end' || asleep >= 0) return false;
    return until < 0 || world.cells[until] === wanted;
  };

  const first = begin(program, undertaker);
  for (let one = 0; one < threads.length; one++) advance(first, one, 0);
  const seen = new Set<number>();
  const stack: { world: World; path: string }[] = [{ world: first, path: '' }];
  const result: Explored = { states: 0, ends: 0 };
  while (stack.length > 0) {
    const { world, path } = stack.pop() as { world: World; path: string };
    const name = nameOf(world, preemptions < Infinity);
    if (seen.has(name)) continue;
    seen.add(name);
    if (++result.states > limit) throw new RangeError(`more than ${limit} states`);
    try {
      program.always?.(world);
      const next: { world: World; path: string }[] = [];
      const go = (mark: string, change: (forked: World) => void): void => {
        const forked = fork(world);
        change(forked);
        next.push({ world: forked, path: `${path}${mark}` });
      };
      // Plain accesses are under a guard: nobody else sees them but who comes after a death.
      const plain = world.actors.findIndex(
        ({ next: what, dead, asleep }) => what === 'plain' && !dead && asleep < 0,
      );
      for (const [one, actor] of world.actors.entries()) {
        if (plain >= 0 && plain !== one) continue;
        const breaks = one !== world.last && world.last >= 0 && enabled(world, world.last);
        if (enabled(world, one) && !(breaks && world.preempted >= preemptions)) {
          go(`${one}`, (forked) => {
            forked.last = one;
            if (breaks) forked.preempted++;
            advance(forked, one, 1);
          });
        }
        if (actor.asleep >= 0 && actor.mayTimeOut && !actor.dead) {
          go(`${one}t`, (forked) => rouse(forked, one, 2));
        }
      }
      const victim = world.actors[mortal];
      if (victim && !victim.dead && victim.next !== 'end' && (plain < 0 || plain === mortal)) {
        go('K', (forked) => {
          (forked.actors[mortal] as Actor).dead = true;
          forked.sleepers = forked.sleepers.filter((one) => one !== mortal);
          (forked.actors[undertaker] as Actor).next = 'atomic';
        });
      }
      if (next.length === 0) {
        result.ends++;
        for (const [one, { next: what, dead, asleep }] of world.actors.entries()) {
          if (!dead && what !== 'end' && !program.mayWait)
            throw new Error(`thread ${one} ${asleep >= 0 ? 'sleeps' : 'waits'} for ever`);
        }
        program.finally?.(world);
      }
      stack.push(...next);
    } catch (error) {
      throw new Error(`after ${path}: ${(error as Error).message}`, { cause: error });
    }
  }
  return result;
}

function begin({ make, nodes = 2 }: Program, undertaker: number): World {
  const slots = undertaker + 1;
  const cells = new Int32Array(HEADER_WORDS + slots * (SLOT_WORDS + 8 * nodes) + 96);
  cells[THREADS] = slots;
  cells[NODES] = nodes;
  cells[LIMIT] = cells.length;
  cells[NEXT_UNIT] = unitsAt(cells);
  for (let slot = 0; slot < slots; slot++) cells[slotAt(slot)] = slot + 2;
  make(cells);
  const actor = (slot: number): Actor => ({
    op: 0,
    given: [],
    own: { free: nodesOf(cells, slot), held: [], log: [] },
    next: slot === undertaker ? 'end' : 'atomic',
    until: -1,
    wanted: 0,
    asleep: -1,
    mayTimeOut: false,
    dead: false,
  });
  return {
    cells,
    actors: Array.from({ length: slots }, (_, slot) => actor(slot)),
    sleepers: [],
    buried: false,
    last: -1,
    preempted: 0,
  };
}

/** Two states of one name go on alike: a hash of 53 bits. */
function nameOf({ cells, actors, sleepers, buried, last, preempted }: World, bounded: boolean): number {
  let text = `${sleepers.join()}${buried}${bounded ? `${last},${preempted}` : ''}`;
  for (const { op, given, own, asleep, dead, until } of actors) {
    if (dead) text += '|dead';
    else
      text += `|${op},${given.join('.')},${own.free.join('.')},${own.held.join('.')},${own.log.join('.')},${asleep},${dead},${until}`;
  }
  let one = 0x811c9dc5;
  let other = 0x1b873593;
  for (let at = 0; at < cells.length; at++) {
    one = Math.imul(one ^ (cells[at] as number), 0x01000193);
    other = Math.imul(other ^ (cells[at] as number), 0x85ebca6b) ^ (other >>> 13);
  }
  for (let at = 0; at < text.length; at++) {
    one = Math.imul(one ^ text.charCodeAt(at), 0x01000193);
    other = Math.imul(other ^ text.charCodeAt(at), 0x85ebca6b) ^ (other >>> 13);
  }
  return (one >>> 0) * 0x200000 + (other >>> 11);
}
