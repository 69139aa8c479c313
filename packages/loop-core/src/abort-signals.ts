/** Many waits on one signal share one listener, which is there only while one of them is. */
import { refuse } from './internal/check.js';

/** What a wait needs of an `AbortSignal`. */
export interface AbortSignalLike {
  readonly aborted: boolean;
  readonly reason: unknown;
  addEventListener(type: 'abort', listener: () => void, options?: { once?: boolean }): void;
  removeEventListener(type: 'abort', listener: () => void): void;
}

/** Something that ends when a signal aborts. */
export interface Abortable {
  /** Called once, with the signal's reason. */
  abort(reason: unknown): void;
}

/** The listener that the waits on a signal share. */
interface Hub {
  (): void;
  waits: Set<Abortable>;
}

const hubs = /* @__PURE__ */ new WeakMap<AbortSignalLike, Hub>();

/**
 * Checks what a method was given as `signal`.
 *
 * @param signal an `AbortSignal`, or undefined
 * @throws TypeError if it is neither
 * @source no CPython counterpart
 */
export function checkSignal(signal: AbortSignalLike | undefined): void {
  if (signal !== undefined && typeof signal?.addEventListener !== 'function')
    refuse('signal', 'an AbortSignal', signal);
}

/**
 * Ends `wait` when the signal aborts, after those that joined before; at once if it has aborted.
 *
 * @param signal the signal
 * @param wait what to end; joining again does nothing
 * @complexity O(1), however many have joined
 * @source no CPython counterpart
 */
export function joinSignal(signal: AbortSignalLike, wait: Abortable): void {
  if (signal.aborted) return wait.abort(signal.reason);
  let hub = hubs.get(signal);
  if (!hub) {
    const waits = new Set<Abortable>();
    hub = (() => {
      for (const one of waits) {
        waits.delete(one);
        try {
          one.abort(signal.reason);
        } catch (error) {
          // The host reports it; the others are ended all the same.
          void Promise.reject(error);
        }
      }
      hubs.delete(signal);
    }) as Hub;
    hub.waits = waits;
    signal.addEventListener('abort', hub, { once: true });
    hubs.set(signal, hub);
  }
  hub.waits.add(wait);
}

/**
 * Takes a `joinSignal` back. The listener goes with the last.
 *
 * @param signal the signal
 * @param wait what joined; anything else is ignored
 * @complexity O(1)
 * @source no CPython counterpart
 */
export function leaveSignal(signal: AbortSignalLike, wait: Abortable): void {
  const hub = hubs.get(signal);
  if (!hub?.waits.delete(wait) || hub.waits.size > 0) return;
  hubs.delete(signal);
  signal.removeEventListener('abort', hub);
}
