/**
 * Exceptions that nobody looks at are reported: when their future is collected, when its loop is closed, or when the
 * process ends, whichever comes first, and once.
 */
import { type EventLoop, realm, sameLoop } from '@aiokit/loop-core';

/** What is reported of a failed future, without holding on to it. */
export interface Failure {
  /** The loop whose exception handler is told. */
  readonly loop: EventLoop;
  /** What nobody looked at. */
  readonly exception: unknown;
  /** `Future` or `Task`. */
  readonly kind: string;
  /** The future as it prints itself. */
  readonly repr: string;
  /** Where it was made, if debug is on. */
  readonly sourceTraceback: string | undefined;
}

interface Host {
  readonly FinalizationRegistry?: typeof FinalizationRegistry;
  readonly process?: { once?(event: 'exit', listener: () => void): void };
}

let failures: Set<Failure> | undefined;
let collected: FinalizationRegistry<Failure> | undefined;
/** Failures of this turn. */
let recent: Failure[] | undefined;

function report(failure: Failure): void {
  if (!failures?.delete(failure)) return;
  const { loop, exception, kind, repr, sourceTraceback } = failure;
  loop.callExceptionHandler({
    message: `${kind} exception was never retrieved`,
    exception,
    // The future itself may be gone.
    future: { toString: () => repr },
    sourceTraceback,
  });
}

function prepare(): Set<Failure> {
  const { FinalizationRegistry, process } = globalThis as Host;
  const all = new Set<Failure>();
  const reportAll = (loop?: EventLoop) => {
    for (const failure of all) if (!loop || sameLoop(failure.loop, loop)) report(failure);
  };
  collected = FinalizationRegistry && new FinalizationRegistry(report);
  (realm.closing ??= new Set()).add(reportAll);
  process?.once?.('exit', () => reportAll());
  return all;
}

/** An error knows the objects whose methods threw it, a task among them, until its stack is read. */
function readStacks(): void {
  const all = recent ?? [];
  recent = undefined;
  for (const failure of all) {
    if (!failures?.has(failure)) continue;
    try {
      void (failure.exception as Error).stack;
    } catch {
      // It has a getter that throws.
    }
  }
}

/** A future has failed. */
export function watchFailure(future: object, failure: Failure): Failure {
  failures ??= prepare();
  if (!recent) void Promise.resolve().then(readStacks);
  (recent ??= []).push(failure);
  failures.add(failure);
  collected?.register(future, failure, failure);
  return failure;
}

/** Somebody has looked at it. */
export function forgetFailure(failure: Failure): void {
  failures?.delete(failure);
  collected?.unregister(failure);
}
