/** Where things were made: futures, coroutines, callbacks, operations; and where a generator waits. */
import type { LoopHooks } from '@aiokit/loop-core';
import { isDebugged } from './debugged.js';
import { holdingOf } from './permits.js';
import { capture, type Place, textOf } from './stack.js';
import { currentTask, type TaskLike } from './tasks.js';

const origins = /* @__PURE__ */ new WeakMap<object, Place>();
/** What a task was about to wait for last, and where. */
const waits = /* @__PURE__ */ new WeakMap<object, { readonly source: object; readonly place: Place }>();

/** Where a thing was made, as text; undefined if it was made outside debug mode. */
export function originOf(thing: unknown): string | undefined {
  const place = origins.get(thing as object);
  return place && textOf(place);
}

/** The same, as the host has it. */
export const placeOf = (thing: object): Place | undefined => origins.get(thing);

/** Where a task waits for a source: in a generator exactly, in an async function where the operation was made. */
export function waitPlaceOf(task: TaskLike, source: object): string | undefined {
  const known = waits.get(task);
  if (known?.source === source) return textOf(known.place);
  return originOf(source) ?? originOf((source as { timer?: object }).timer);
}

type Hook<K extends keyof LoopHooks> = NonNullable<LoopHooks[K]>;

const scheduled: Hook<'scheduled'> = (loop, handle) => {
  if (isDebugged(loop)) origins.set(handle, capture(scheduled));
};
const created: Hook<'created'> = (future) => {
  if (isDebugged(future.getLoop())) origins.set(future, capture(created));
};
const coroutine: Hook<'coroutine'> = (made) => void origins.set(made, capture(coroutine));
const operation: Hook<'operation'> = (made, owner) => {
  // What is done and holds nothing is of no interest; a permit was taken just now, by the same call.
  if (!isDebugged(made.getLoop()) || (!owner && made.done())) return;
  const holding = owner && holdingOf((made as { value?: unknown }).value);
  origins.set(made, holding?.owner === owner && holding ? holding.place : capture(operation));
};
const yielded: Hook<'yielded'> = (source) => {
  const task = currentTask();
  if (task && isDebugged(source.getLoop())) waits.set(task, { source, place: capture(yielded) });
};
/** Keeps the places. */
export const originHooks: LoopHooks = {
  scheduled,
  created,
  coroutine,
  operation,
  yielded,
  origin: originOf,
};
