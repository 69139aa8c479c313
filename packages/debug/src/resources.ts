/** Things that are to be closed: who forgets is told, with the place where they were made. */
import { currentLoop, type EventLoop, getLogger, type LoopHooks, realm, refuse } from '@aiokit/loop-core';
import { debuggedLoops } from './internal/debugged.js';
import { atEnd, weakly } from './internal/endings.js';
import { captureBelow, type Place, textOf } from './internal/stack.js';
import { warn } from './warnings.js';

/** How a resource is known, and got rid of. */
export interface ResourceOptions {
  /** What a report calls it: `transport <Socket 127.0.0.1:80>`. */
  readonly name: string;
  /** Closes what is behind it. It must not refer to the owner, or that is never collected. */
  readonly close?: (() => void) | undefined;
}

/** A resource that is watched. */
export interface TrackedResource extends Disposable {
  /** Says that it was closed as it should: there is nothing to report. */
  closed(): void;
}

interface Open {
  readonly loop: EventLoop | undefined;
  readonly name: string;
  readonly place: Place | undefined;
  readonly close: (() => void) | undefined;
}

function report({ name, place, close }: Omit<Open, 'loop'>): void {
  const made = place ? `\nObject created at (most recent call first):\n${textOf(place)}` : '';
  warn('unclosed', `unclosed ${name}${made}`, undefined, place !== undefined);
  try {
    close?.();
  } catch (error) {
    getLogger().error(`closing the ${name} has failed`, error);
  }
}

const open = weakly<Open>(report);

atEnd((loop) => {
  for (const record of open.records()) {
    if (loop && record.loop !== loop) continue;
    open.drop(record);
    report(record);
  }
});

/**
 * Watches something that is to be closed.
 *
 * If its owner is collected, its loop is closed or the process ends before `closed()` was called, a `ResourceWarning` says so
 * and `close` is called.
 *
 * @param owner the object that a program holds: a socket's wrapper, a stream, a server
 * @param options its name, and what closes it
 * @returns call `closed()`, or dispose of it, when it was closed
 * @throws TypeError if an argument is of the wrong kind; nothing is watched
 * @example
 * const tracked = trackResource(this, { name: `transport ${address}`, close: () => socket.destroy() });
 * @source DEBUG-7 · CPython `ResourceWarning: unclosed transport`
 */
export function trackResource(owner: object, { name, close }: ResourceOptions): TrackedResource {
  if ((typeof owner !== 'object' && typeof owner !== 'function') || owner === null) {
    refuse('owner', 'an object', owner);
  }
  if (typeof name !== 'string') refuse('name', 'a text', name);
  if (close !== undefined && typeof close !== 'function') refuse('close', 'a function', close);
  const place = debuggedLoops.size > 0 ? captureBelow(trackResource) : undefined;
  const record = { loop: currentLoop(), name, place, close };
  open.watch(owner, record);
  const closed = () => open.drop(record);
  return { closed, [Symbol.dispose]: closed };
}

/** Watches a loop in debug mode until it is closed. */
export function trackLoop(loop: EventLoop): void {
  if (typeof (loop as { close?: unknown }).close !== 'function' || tracked.has(loop)) return;
  tracked.add(loop);
  watch(loop, `event loop <${loop.constructor.name}>`, trackLoop);
}

const tracked = /* @__PURE__ */ new WeakSet<object>();
const watch = (owner: object, name: string, below: unknown): void =>
  lifecycles.watch(owner, { name, place: captureBelow(below), close: undefined });
const lifecycles = weakly<Omit<Open, 'loop'>>(report);

atEnd((loop) => {
  if (loop) return lifecycles.forget(loop);
  // The default loop, and one that runs, need no close.
  for (const one of [realm.loop, realm.running]) if (one) lifecycles.forget(one);
  for (const record of lifecycles.records()) report(record);
});

interface QueueLike {
  qsize(): number;
}
const isQueue = (owner: object): owner is QueueLike =>
  typeof (owner as Partial<QueueLike>).qsize === 'function';

const queues = weakly<{
  readonly queue: WeakRef<QueueLike>;
  readonly loop: EventLoop | undefined;
  readonly place: Place | undefined;
}>(() => {});

atEnd((loop) => {
  for (const record of queues.records()) {
    if (loop && record.loop !== loop) continue;
    queues.drop(record);
    const queue = record.queue.deref();
    if (queue && queue.qsize() > 0) {
      report({ name: `queue with items left in it ${String(queue)}`, place: record.place, close: undefined });
    }
  }
});

function trackQueue(queue: QueueLike, isOpen: boolean): void {
  const loop = realm.running ?? realm.loop;
  if (!isOpen) queues.forget(queue);
  else if (debuggedLoops.size > 0) {
    queues.watch(queue, { queue: new WeakRef(queue), loop, place: captureBelow(resource) });
  }
}

function resource(owner: object, isOpen: boolean): void {
  if (isQueue(owner)) trackQueue(owner, isOpen);
  else if (isOpen) watch(owner, `runner <${owner.constructor.name}>`, resource);
  else lifecycles.forget(owner);
}

/** Resources of the family itself: runners, and queues, which are only to be shut down where items are left in them. */
export const resourceHooks: LoopHooks = { resource };
