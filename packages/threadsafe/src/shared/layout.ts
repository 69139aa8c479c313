/**
 * Where things lie in a shared memory, in 32-bit words.
 *
 * Header, a slot for each thread, nodes for each thread, then units: the parts of primitives that have a guard.
 *
 * Truth is in few words, each changed by one store: the state of a node, the commit word of a unit. All the rest (links,
 * counts) is changed under the unit's guard and can be made anew from the truth, which is what is done when a thread dies
 * holding the guard.
 */

/** What begins a memory; another layout has another number. */
export const MAGIC = 0x61696f31;
/** The header: how many threads, nodes of each, where the next unit goes, the end, the guard of both, a name of two words. */
export const THREADS = 1;
export const NODES = 2;
export const NEXT_UNIT = 3;
export const LIMIT = 4;
export const MAKING = 5;
export const ID = 6;
export const HEADER_WORDS = 16;

/** A thread's slot: 0 is free, DEAD waits for its burial, others are 2 and the thread's number at its host. */
export const DEAD = -1;
/** What the thread waits on, changed by whoever has something for it. */
export const BELL = 1;
/** How many threads have had the slot. */
export const TENURE = 2;
/** Whether the thread must be sent a message too, as its host cannot wait on the bell without blocking. */
export const HOP = 3;
/** Whether it holds the Web Lock that tells of its end. */
export const LOCKED = 4;
/** Whether it wants to be told who comes. */
export const HOME = 5;
export const SLOT_NAME = 8;
export const SLOT_WORDS = 16;

/** The states of a node, its first word. */
export const IDLE = 0;
export const WAITING = 1;
/** Its turn has come, and the thread has not seen it. */
export const GRANTED = 2;
/** The thread has what it asked for. */
export const HELD = 3;
/** The wait has ended with an error. */
export const BROKEN = 4;
/** Likewise: the queue is shut down. */
export const SHUT = 5;
/** What follows: the line that it stands in, its neighbours, its place in the order of coming, and what it asks for. */
export const LINE_OF = 1;
export const AFTER = 2;
export const BEFORE = 3;
export const TICKET = 4;
export const WEIGHT = 5;
export const NODE_WORDS = 8;

/** A line: the first and the last who wait, how many, and the next ticket. */
export const FIRST = 0;
export const LAST = 1;
export const COUNT = 2;
export const TICKETS = 3;
export const LINE_WORDS = 4;

/** A unit: what it is, its size, its guard, whether it is broken, by whom, and its line. */
export const KIND = 0;
export const SIZE = 1;
export const GUARD = 2;
export const IS_BROKEN = 3;
export const BREAKER = 4;
export const NAME_WORDS = 8;
export const LINE = 12;
export const FIELDS = 16;

/** What an operation came to. */
export const DONE = 0;
/** The node stands in line. */
export const WAITS = 1;
/** It cannot be done without waiting. */
export const FULL = 2;
/** The unit is broken. */
export const FAILED = 3;
/** The queue is shut down. */
export const ENDED = 4;
/** The guard is held, and this thread may not wait for it; nothing has changed. */
export const BUSY = 5;

/** Where a slot begins. */
export const slotAt = (slot: number): number => HEADER_WORDS + slot * SLOT_WORDS;
/** Where the nodes begin. */
export const nodesAt = (m: Int32Array): number => slotAt(m[THREADS] as number);
/** Where the units begin. */
export const unitsAt = (m: Int32Array): number =>
  nodesAt(m) + (m[THREADS] as number) * (m[NODES] as number) * NODE_WORDS;
