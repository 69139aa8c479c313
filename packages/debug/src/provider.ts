/** Registers debug in the realm's record, so that debug mode has its checks. Loading the package does it. */
import { type EventLoop, getLogger, isNoCallback, type LoopHooks, realm } from '@aiokit/loop-core';
import { publishEvents } from './channels.js';
import { cancellationHooks, checkCancellations } from './internal/cancellations.js';
import { causeHooks } from './internal/causes.js';
import { debuggedLoops, setDebugged } from './internal/debugged.js';
import { deadlockHooks } from './internal/deadlocks.js';
import { settlePlaces, watchEndings } from './internal/endings.js';
import { setDetectors } from './internal/hooks.js';
import { joinHooks } from './internal/joins.js';
import { watchLeaks } from './internal/leaks.js';
import { lockOrderHooks } from './internal/lock-order.js';
import { checkWaits, longWaitHooks } from './internal/long-waits.js';
import { operationHooks } from './internal/operations.js';
import { originHooks } from './internal/origins.js';
import { permitHooks } from './internal/permits.js';
import { everyRound, roundHooks, setRounds } from './internal/rounds.js';
import { schedulingHooks } from './internal/scheduling.js';
import { secondsHooks } from './internal/seconds.js';
import { forgetStep, slowStepHooks } from './internal/slow-steps.js';
import { allowDeepStacks } from './internal/stack.js';
import { pendingTasks } from './internal/tasks.js';
import { setWatchdog } from './internal/watchdog.js';
import { pstree } from './inspect.js';
import { levelLogger } from './logger.js';
import { resourceHooks, trackLoop } from './resources.js';
import { warn, type WarningKind } from './warnings.js';

const checkHooks: LoopHooks = {
  check(callback, method) {
    if (isNoCallback(callback)) throw new TypeError(`coroutines cannot be used with ${method}()`);
  },
  warn: (kind, message) => warn(kind as WarningKind, message),
};

const detectors: readonly LoopHooks[] = [
  checkHooks,
  originHooks,
  causeHooks,
  slowStepHooks,
  permitHooks,
  operationHooks,
  cancellationHooks,
  schedulingHooks,
  secondsHooks,
  longWaitHooks,
  resourceHooks,
  joinHooks,
  deadlockHooks,
  lockOrderHooks,
  roundHooks,
];

interface Host {
  readonly process?: {
    setSourceMapsEnabled?(enabled: boolean): void;
    once?(event: 'beforeExit', listener: () => void): void;
  };
}

/** The host has nothing left to do: whoever waits waits for ever. */
function reportQuiescence(): void {
  const tree = [...debuggedLoops].some((loop) => pendingTasks(loop).length > 0) ? pstree() : '';
  if (tree !== '') warn('deadlock', `nothing can wake the tasks that are left:\n${tree}`);
}

/** Ends what debug mode publishes. */
let publishing: (() => undefined) | undefined;

function setDebug(loop: EventLoop, enabled: boolean): void {
  // The step at work has begun before.
  forgetStep();
  setDebugged(loop, enabled);
  allowDeepStacks();
  if (enabled) trackLoop(loop);
  const on = debuggedLoops.size > 0;
  if (on) {
    setDetectors(detectors);
    publishing ??= publishEvents();
    (globalThis as Host).process?.setSourceMapsEnabled?.(true);
  } else {
    setDetectors([]);
    publishing = publishing?.();
    settlePlaces();
  }
  setRounds(on);
  setWatchdog();
}

/**
 * Makes `loop.setDebug(true)` do what asyncio's does, and more. Loading `@aiokit/debug` calls it.
 *
 * A program that has put hooks of its own in the realm keeps them.
 *
 * @source DEBUG-1 · CPython `BaseEventLoop.set_debug`
 */
export function install(): void {
  if (realm.debug) return;
  realm.debug = setDebug;
  realm.leveled = levelLogger;
  watchEndings();
  watchLeaks();
  realm.closing?.add((loop) => {
    if (debuggedLoops.has(loop)) getLogger().debug(`Close ${String(loop)}`);
  });
  (globalThis as Host).process?.once?.('beforeExit', reportQuiescence);
  // Debug mode may have been turned on before.
  for (const loop of [realm.loop, realm.running]) if (loop?.getDebug?.()) setDebug(loop, true);
}

everyRound(settlePlaces, checkCancellations, checkWaits);
install();
