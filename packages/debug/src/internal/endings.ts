/** What is reported when it is too late: when a thing is collected, when its loop is closed, when the process ends. */
import { type EventLoop, realm } from '@aiokit/loop-core';
import { type Place, textOf } from './stack.js';

interface Host {
  readonly FinalizationRegistry?: typeof FinalizationRegistry;
  readonly process?: { once?(event: 'exit' | 'beforeExit', listener: () => void): void };
}

type Listener = (loop?: EventLoop) => void;

const listeners: Listener[] = [];

/**
 * Has a function called with each loop that is closed, while what it holds is there, and without one at the end.
 *
 * @param listener what is called, in the order of these calls
 */
export function atEnd(listener: Listener): void {
  listeners.push(listener);
}

let rested = false;

/** Whether the host had nothing left to do: what was not done by then never is. */
export const hasRested = (): boolean => rested;

/** Called once, when the hooks are installed. */
export function watchEndings(): void {
  const all: Listener = (loop) => {
    for (const listener of listeners) listener(loop);
  };
  (realm.closing ??= new Set()).add(all);
  const { process } = globalThis as Host;
  process?.once?.('beforeExit', () => {
    rested = true;
  });
  process?.once?.('exit', () => all());
}

/** What is known of a thing that is watched. */
export interface Watched {
  /** Where it was made, or taken. */
  readonly place?: Place | undefined;
}

const over = /* @__PURE__ */ new WeakSet<Watched>();

/** Records whose places are not text yet: a host's stack holds on to what was at work, often the thing itself. */
let fresh: Watched[] = [];

/** Notes a record that has a place: one without has no text to make, and nobody would let go of it. */
export function settleLater(record: Watched): void {
  fresh.push(record);
}

/** Makes text of the places of what is watched for a while: what comes and goes needs none. */
export function settlePlaces(): void {
  const records = fresh;
  fresh = [];
  for (const record of records) if (record.place && !over.has(record)) textOf(record.place);
}

/** Things that are told of when they are collected. */
export interface Weakly<R extends Watched> {
  /** The thing must not be reachable from its record. */
  watch(thing: object, record: R): void;
  forget(thing: object): void;
  /** The records of what is watched still. */
  records(): IterableIterator<R>;
  drop(record: R): void;
}

/**
 * Watches things for their collection; where the host does not tell, `records` can be asked at the end.
 *
 * @param report called with the record of a thing that was collected
 */
export function weakly<R extends Watched>(report: (record: R) => void): Weakly<R> {
  const { FinalizationRegistry } = globalThis as Host;
  const all = new Set<R>();
  const known = new WeakMap<object, R>();
  const registry =
    FinalizationRegistry &&
    new FinalizationRegistry<R>((record) => {
      if (all.delete(record)) report(record);
    });
  return {
    watch(thing, record) {
      all.add(record);
      if (record.place) settleLater(record);
      known.set(thing, record);
      registry?.register(thing, record, record);
    },
    forget(thing) {
      const record = known.get(thing);
      if (!record) return;
      all.delete(record);
      over.add(record);
      known.delete(thing);
      registry?.unregister(record);
    },
    records: () => all.values(),
    drop(record) {
      all.delete(record);
      over.add(record);
      registry?.unregister(record);
    },
  };
}
