/** What must be so of a memory whenever no guard is held. */
import { FREE, PERMITS } from '../../src/shared/gate.js';
import {
  AFTER,
  COUNT,
  DEAD,
  FIRST,
  GRANTED,
  GUARD,
  HELD,
  IS_BROKEN,
  LINE,
  LINE_OF,
  NODE_WORDS,
  nodesAt,
  slotAt,
  THREADS,
  TICKET,
  unitsAt,
  WAITING,
} from '../../src/shared/layout.js';
import type { World } from './step-machine.js';

const at = (cells: Int32Array, word: number): number => cells[word] as number;

/** Whether nobody is in the middle of something: the guard is free and the dead are buried. */
export function isQuiet({ cells, actors }: World, guard: number): boolean {
  const dead = actors.some((actor) => actor.dead);
  const slots = Array.from({ length: at(cells, THREADS) }, (_, slot) => at(cells, slotAt(slot)));
  return at(cells, guard) === 0 && !slots.includes(DEAD) && !(dead && !slots.includes(0));
}

/** The nodes of a line in a state. */
function nodesIn(cells: Int32Array, line: number, ...states: number[]): number[] {
  const found: number[] = [];
  for (let node = nodesAt(cells); node < unitsAt(cells); node += NODE_WORDS) {
    if (at(cells, node + LINE_OF) === line && states.includes(at(cells, node))) found.push(node);
  }
  return found;
}

/** The links are those of the nodes that wait, in the order of coming. */
export function checkLine(cells: Int32Array, line: number): void {
  const linked: number[] = [];
  for (let node = at(cells, line + FIRST); node; node = at(cells, node + AFTER)) linked.push(node);
  const waiting = nodesIn(cells, line, WAITING);
  const tickets = linked.map((node) => at(cells, node + TICKET));
  if (linked.length !== waiting.length || at(cells, line + COUNT) !== linked.length)
    throw new Error(
      `${linked.length} are linked, ${at(cells, line + COUNT)} counted, ${waiting.length} wait`,
    );
  if (tickets.some((ticket, index) => index > 0 && ticket <= (tickets[index - 1] as number)))
    throw new Error(`the tickets are ${tickets.join()}`);
}

/** No permit is lost or given twice, and nobody waits while one is free. */
export function checkGate(world: World, gate: number): void {
  const { cells } = world;
  const holders = nodesIn(cells, gate + LINE, HELD, GRANTED);
  if (holders.length > at(cells, gate + PERMITS)) throw new Error(`${holders.length} hold`);
  if (!isQuiet(world, gate + GUARD)) return;
  checkLine(cells, gate + LINE);
  const free = at(cells, gate + FREE);
  if (free + holders.length !== at(cells, gate + PERMITS))
    throw new Error(`${free} are free, ${holders.length} hold`);
  const waits = at(cells, gate + LINE + COUNT);
  if (waits > 0 && (free > 0 || at(cells, gate + IS_BROKEN))) throw new Error(`${waits} wait in vain`);
}
