/** Who waits, in the order of coming. All is called under the guard of the line's unit. */
import { ring, slotOf, type Thread } from './guard.js';
import {
  AFTER,
  BEFORE,
  COUNT,
  DEAD,
  FIRST,
  IDLE,
  LAST,
  LINE_OF,
  NODE_WORDS,
  nodesAt,
  NODES,
  slotAt,
  THREADS,
  TICKET,
  TICKETS,
  unitsAt,
  WAITING,
} from './layout.js';

/** Puts a node at the end. It waits from the last store on, and counts before anybody who has not the guard looks. */
export function link(m: Int32Array, line: number, node: number): void {
  m[node + TICKET] = m[line + TICKETS] as number;
  m[line + TICKETS] = ((m[line + TICKETS] as number) + 1) | 0;
  m[node + LINE_OF] = line;
  Atomics.store(m, node, WAITING);
  append(m, line, node);
}

function append(m: Int32Array, line: number, node: number): void {
  const last = m[line + LAST] as number;
  m[node + AFTER] = 0;
  m[node + BEFORE] = last;
  if (last) m[last + AFTER] = node;
  else m[line + FIRST] = node;
  m[line + LAST] = node;
  Atomics.add(m, line + COUNT, 1);
}

/** Takes a node out of its line. */
export function unlink(m: Int32Array, node: number): void {
  const line = m[node + LINE_OF] as number;
  const before = m[node + BEFORE] as number;
  const after = m[node + AFTER] as number;
  if (before) m[before + AFTER] = after;
  else m[line + FIRST] = after;
  if (after) m[after + BEFORE] = before;
  else m[line + LAST] = before;
  Atomics.sub(m, line + COUNT, 1);
}

/** Ends the wait of a node, and tells its thread. */
export function end(t: Thread, node: number, state: number): void {
  unlink(t.m, node);
  Atomics.store(t.m, node, state);
  ring(t, slotOf(t.m, node));
}

/** Ends the wait of all who came before a ticket, or of all; returns how many. */
export function endAll(t: Thread, line: number, state: number, before?: number): number {
  const { m } = t;
  for (let ended = 0; ; ended++) {
    const node = m[line + FIRST] as number;
    if (!node || (before !== undefined && (((m[node + TICKET] as number) - before) | 0) >= 0)) return ended;
    end(t, node, state);
  }
}

/** Who stands in a line, waits or has what it asked for. */
export interface Survey {
  readonly living: number[];
  readonly dead: number[];
}

/**
 * Looks at all nodes of a line. Nothing is changed.
 *
 * Of what others write without the guard, that a turn was taken, either is right.
 */
export function survey(m: Int32Array, line: number): Survey {
  const found: Survey = { living: [], dead: [] };
  for (let node = nodesAt(m); node < unitsAt(m); node += NODE_WORDS) {
    if (m[node + LINE_OF] !== line || m[node] === IDLE) continue;
    (m[slotAt(slotOf(m, node))] === DEAD ? found.dead : found.living).push(node);
  }
  return found;
}

/** Those of some nodes that are in a state. */
export const inState = (m: Int32Array, nodes: readonly number[], state: number): number[] =>
  nodes.filter((node) => m[node] === state);

/** Makes the links anew from what the nodes of the living say. */
export function relink(m: Int32Array, line: number): void {
  const waiting = inState(m, survey(m, line).living, WAITING);
  waiting.sort((one, other) => ((m[one + TICKET] as number) - (m[other + TICKET] as number)) | 0);
  m[line + FIRST] = m[line + LAST] = 0;
  Atomics.store(m, line + COUNT, 0);
  for (const node of waiting) append(m, line, node);
}

/** Takes the nodes of the dead out of use: the last thing that is done for them. */
export function wipe(m: Int32Array, dead: readonly number[]): void {
  for (const node of dead) m[node] = IDLE;
}

/** The nodes of a slot. */
export function nodesOf(m: Int32Array, slot: number): number[] {
  const count = m[NODES] as number;
  return Array.from({ length: count }, (_, at) => nodesAt(m) + (slot * count + at) * NODE_WORDS);
}

/** Calls a function with every slot whose thread has the given state. */
export function slotsThat(m: Int32Array, test: (state: number) => boolean): number[] {
  return Array.from({ length: m[THREADS] as number }, (_, slot) => slot).filter((slot) =>
    test(m[slotAt(slot)] as number),
  );
}
