/** Where things were made: futures, coroutines, callbacks, operations; and where a generator waits. */
import type { LoopHooks } from '@aiokit/loop-core';
import { isDebugged } from './debugged.js';
import { hookFailed } from './detector.js';
import { placeLeak } from './leaks.js';
import { note, Notes, notesOf, notesOfTask, TaskNotes, taskNotes } from './notes.js';
import { holdingOf } from './permits.js';
import { beginStack, capture, endStack, type Place, textOf } from './stack.js';
import { currentTask, isTask, type TaskLike } from './tasks.js';

/** Where a thing was made, as the host has it. */
export const placeOf = (thing: object): Place | undefined => notesOf(thing)?.place;

/** Where a thing was made, as text; undefined if it was made outside debug mode. */
export function originOf(thing: unknown): string | undefined {
  const known = (typeof thing === 'object' && thing !== null) || typeof thing === 'function';
  const place = known ? placeOf(thing) : undefined;
  return place && textOf(place);
}

/** Where a task waits for a source, as text: in a generator exactly, in an async function where the operation was made. */
export function waitTextOf(task: TaskLike, source: object): string | undefined {
  const known = notesOfTask(task);
  if (known?.where && known.source === source) return textOf(known.where);
  return originOf(source) ?? originOf((source as { timer?: object }).timer);
}

type Hook<K extends keyof LoopHooks> = NonNullable<LoopHooks[K]>;

const scheduled: Hook<'scheduled'> = (loop, handle) => {
  if (!isDebugged(loop)) return;
  const when = (handle as { when?(): number | undefined }).when?.();
  note(handle, new Notes(capture(), when ?? loop.time()));
};
const created: Hook<'created'> = (future) => {
  const loop = future.getLoop();
  if (!isDebugged(loop)) return;
  // The place of a task is nearer to the user where `spawned` is called.
  note(future, isTask(future) ? new TaskNotes(undefined, loop.time()) : new Notes(capture()));
};
/** The dearest part of debug mode, and so without a guard and `capture`, which are a frame each: it does not throw. */
const spawned: Hook<'spawned'> = (task, below = 0) => {
  try {
    if (!isTask(task) || !isDebugged(task.getLoop())) return;
    const limit = beginStack(below + 2);
    if (limit === -1) return;
    const place: Place = new Error();
    endStack(limit);
    place.ours = below + 2;
    taskNotes(task).place = place;
    placeLeak(task, place);
  } catch (error) {
    hookFailed('spawned', error);
  }
};
const coroutine: Hook<'coroutine'> = (made) => void note(made, new Notes(capture()));
const operation: Hook<'operation'> = (made, owner) => {
  // What is done and holds nothing is of no interest; a permit was taken just now, by the same call.
  if (!isDebugged(made.getLoop()) || (!owner && made.done())) return;
  const holding = owner && holdingOf((made as { value?: unknown }).value);
  note(made, new Notes(holding?.owner === owner && holding ? holding.place : capture()));
};
const yielded: Hook<'yielded'> = (source) => {
  const task = currentTask();
  if (!task || !isDebugged(source.getLoop())) return;
  const notes = taskNotes(task);
  notes.source = source;
  notes.where = capture();
};
/** Keeps the places. */
export const originHooks: LoopHooks = {
  scheduled,
  created,
  spawned,
  coroutine,
  operation,
  yielded,
  origin: originOf,
};
