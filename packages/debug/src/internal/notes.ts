/**
 * What debug knows of a thing lies on the thing itself, in a private field that nobody else sees: an entry of a WeakMap costs
 * ten times as much, and so does a property that does not show.
 */
import type { Place } from './stack.js';
import type { Holding } from './permits.js';
import { isTask } from './tasks.js';

/** What is known of a future, a handle, an operation. */
export class Notes {
  /** Where it was made. */
  declare place: Place | undefined;
  /** When it was made ready, in `loop.time()`; NaN if it is not, or nobody knows. */
  declare ready: number;

  constructor(place?: Place, ready = Number.NaN) {
    this.place = place;
    this.ready = ready;
  }
}

/** What a task may wait for. */
export interface Blocker {
  /** The one task that has to move; undefined if there are several, or it is not known. */
  readonly sole: TaskNotes | undefined;
}

/** What is known of a task. */
export class TaskNotes extends Notes {
  /** Itself: whoever waits for a task waits for that one. */
  declare readonly sole: this;
  /** What it is about to wait for, or waited for last, and where. */
  declare source: object | undefined;
  declare where: Place | undefined;
  /** Since when it waits, in `loop.time()`; undefined until it has waited. */
  declare since: number | undefined;
  /** Whether that was said to be long. */
  declare saidLong: boolean;
  /** Steps since they were last looked at, and those of them after which it had woken itself. */
  declare steps: number;
  declare own: number;
  /** The permits that it took and that have not ended. */
  declare held: Set<Holding> | undefined;
  /** What it waits for, until it is woken; how often it was by time alone since it took a permit; when it was told something. */
  declare waitsOn: object | undefined;
  declare naps: number;
  declare told: number;
  /** Whether it has had a step. */
  declare begun: boolean;
  /** What it waits for, as far as one thing: something that a task has, or a task. */
  declare blocker: Blocker | undefined;

  constructor(place?: Place, ready?: number) {
    super(place, ready);
    this.sole = this;
    this.source = this.where = this.since = this.held = this.waitsOn = this.blocker = undefined;
    this.saidLong = this.begun = false;
    this.steps = this.own = this.naps = this.told = 0;
  }
}

/** Gives its private field to an object that is there already. */
const Host = function (thing: object): object {
  return thing;
} as unknown as new (
  thing: object,
) => object;

class Stamp extends Host {
  #notes: Notes;

  constructor(thing: object, notes: Notes) {
    super(thing);
    this.#notes = notes;
  }

  static get(thing: object): Notes | undefined {
    return #notes in thing ? thing.#notes : undefined;
  }

  static set(thing: object, notes: Notes): void {
    if (#notes in thing) thing.#notes = notes;
    else new Stamp(thing, notes);
  }
}

/** What is known of a thing; undefined if nothing is. */
export const notesOf = (thing: object): Notes | undefined => Stamp.get(thing);

/** Notes something of a thing; what was known before is forgotten. */
export function note<N extends Notes>(thing: object, notes: N): N {
  Stamp.set(thing, notes);
  return notes;
}

/** What is known of a task, which may have been made before debug mode was on. */
export const taskNotes = (task: object): TaskNotes =>
  (Stamp.get(task) as TaskNotes | undefined) ?? note(task, new TaskNotes());

/** The notes of an item of a loop if it is a task. */
export function notesOfTask(item: unknown): TaskNotes | undefined {
  if (typeof item !== 'object' || item === null) return undefined;
  const known = Stamp.get(item);
  if (known) return known instanceof TaskNotes ? known : undefined;
  return isTask(item) ? taskNotes(item) : undefined;
}
