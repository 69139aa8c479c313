/** LOOP-7, 8 and 9: task factories, debug mode, and how a loop is run and closed. */
import type { ProgramEventLoop } from '../../compliance.js';
import { AwaitableBase } from '../../awaitable.js';
import { isErrorKind } from '../../errors.js';
import { check, checkError, checkSame, show } from './check.js';
import type { ClauseTest, Ending, Trial } from './trial.js';
import { waitOnHost } from './wait-on-host.js';

/** The least that a run method can wait for. */
class Outcome extends AwaitableBase<unknown> {
  readonly #loop: ProgramEventLoop;
  #settled: { value?: unknown; error?: unknown } | undefined;

  constructor(loop: ProgramEventLoop) {
    super();
    this.#loop = loop;
  }

  override done(): boolean {
    return this.#settled !== undefined;
  }

  override cancelled(): boolean {
    return false;
  }

  override cancel(): boolean {
    return false;
  }

  override getLoop(): ProgramEventLoop {
    return this.#loop;
  }

  override result(): unknown {
    if (this.#settled && 'error' in this.#settled) throw this.#settled.error;
    return this.#settled?.value;
  }

  /** How many wait for it. */
  waiters(): number {
    return this.waiting.length;
  }

  settle(outcome: { value?: unknown; error?: unknown }): void {
    this.wake(this.#loop);
    this.#settled = outcome;
  }
}

function checkRule(error: unknown, message: string, what: string): void {
  checkError(error, Error, [], what);
  checkSame((error as Error).message, message, what);
  check(isErrorKind(error, 'RuntimeError'), `${what}: expected a RuntimeError, got ${show(error)}`);
}

/** Calls now, and tells later, how it ended. */
function start(trial: Trial, call: () => unknown): { ending: Ending | undefined } {
  const started: { ending: Ending | undefined } = { ending: undefined };
  void trial.ending(call).then((ending) => {
    started.ending = ending;
  });
  return started;
}

/** Calls `last` after so many iterations. */
function after(loop: ProgramEventLoop, iterations: number, last: () => void): void {
  loop.callSoon(iterations > 1 ? () => after(loop, iterations - 1, last) : last);
}

export const programClauses: readonly ClauseTest[] = [
  {
    id: 'LOOP-7.1',
    title: 'setTaskFactory takes a function or null and refuses everything else',
    needs: ['programLoop'],
    test(trial) {
      const { loop } = trial;
      const factory = () => {};
      checkSame(loop.getTaskFactory(), null, 'the factory at first');
      loop.setTaskFactory(factory);
      for (const bad of [undefined, 'text', {}] as never[]) {
        let error: unknown;
        try {
          loop.setTaskFactory(bad);
        } catch (thrown) {
          error = thrown;
        }
        checkError(error, TypeError, ['factory', bad], `the factory ${show(bad)}`);
      }
      checkSame(loop.getTaskFactory(), factory, 'the factory that was set');
      loop.setTaskFactory(null);
      checkSame(loop.getTaskFactory(), null, 'the factory after null');
    },
  },
  {
    id: 'LOOP-8.1',
    title: 'getDebug() is what setDebug was given',
    needs: ['programLoop'],
    async test(trial) {
      const { loop } = trial;
      const before = loop.getDebug();
      try {
        for (const enabled of [true, false, true, false]) {
          loop.setDebug(enabled);
          checkSame(loop.getDebug(), enabled, `getDebug() after setDebug(${enabled})`);
          loop.callSoon(trial.note(String(enabled)));
        }
        await trial.run(4);
        trial.checkSet(['false', 'false', 'true', 'true'], 'what ran');
      } finally {
        loop.setDebug(before);
      }
    },
  },
  {
    id: 'LOOP-9.1',
    title: 'stop() ends runForever when the iteration is completed',
    needs: ['programLoop'],
    async test(trial) {
      const { loop } = trial;
      const stopper = () => {
        trial.steps.push('iteration');
        loop.callSoon(trial.note('next iteration'));
        loop.stop();
      };
      for (const callback of [stopper, trial.note('iteration'), stopper]) loop.callSoon(callback);
      const { error, steps } = await trial.ending(() => loop.runForever());
      checkSame(error, undefined, 'what runForever failed with');
      const ran = trial.claims('blockingRun') ? steps : steps.slice(0, 3);
      checkSame(ran, ['iteration', 'iteration', 'iteration'], 'what ran');
    },
  },
  {
    id: 'LOOP-9.2',
    title: 'stop() before a run ends it after one iteration',
    needs: ['programLoop'],
    async test(trial) {
      const { loop } = trial;
      loop.callSoon(() => {
        trial.steps.push('first');
        loop.callSoon(trial.note('second'));
      });
      loop.stop();
      const { error, steps } = await trial.ending(() => loop.runForever());
      checkSame(error, undefined, 'what runForever failed with');
      if (trial.claims('blockingRun')) checkSame(steps, ['first'], 'what ran');
      else checkSame(steps[0], 'first', 'what ran');
    },
  },
  {
    id: 'LOOP-9.3',
    title:
      'runUntilComplete gives the result or throws what its awaitable failed with, also if that is done already',
    needs: ['programLoop'],
    async test(trial) {
      const { loop } = trial;
      const error = new Error('any');
      for (const outcome of [{ value: 'result' }, { error }]) {
        const main = new Outcome(loop);
        loop.callLater(1, () => main.settle(outcome));
        for (const when of ['pending', 'done']) {
          const ending = await trial.ending(() => loop.runUntilComplete(main));
          checkSame(ending.value, outcome.value, `the result of an awaitable that was ${when}`);
          checkSame(ending.error, outcome.error, `the error of an awaitable that was ${when}`);
        }
      }
    },
  },
  {
    id: 'LOOP-9.4',
    title: "runUntilComplete that is stopped throws 'Event loop stopped before Future completed.'",
    needs: ['programLoop'],
    async test(trial) {
      const { loop } = trial;
      loop.callSoon(() => loop.stop());
      const { error } = await trial.ending(() => loop.runUntilComplete(new Outcome(loop)));
      checkRule(error, 'Event loop stopped before Future completed.', 'runUntilComplete that was stopped');
    },
  },
  {
    id: 'LOOP-9.5',
    title: 'runUntilComplete that is stopped leaves no callback with its awaitable',
    needs: ['programLoop'],
    async test(trial) {
      const { loop } = trial;
      const main = new Outcome(loop);
      loop.callSoon(() => loop.stop());
      await trial.ending(() => loop.runUntilComplete(main));
      checkSame(main.waiters(), 0, 'how many callbacks the awaitable has');
    },
  },
  {
    id: 'LOOP-9.6',
    title: 'stop() ends one run; the next goes on with what is left',
    needs: ['programLoop'],
    async test(trial) {
      const { loop } = trial;
      loop.callSoon(() => {
        loop.callSoon(trial.note('left'));
        loop.stop();
      });
      await trial.ending(() => loop.runForever());
      after(loop, 4, () => {
        trial.steps.push('fourth iteration');
        loop.stop();
      });
      const { error, steps } = await trial.ending(() => loop.runForever());
      checkSame(error, undefined, 'what the second run failed with');
      checkSame(steps, ['left', 'fourth iteration'], 'what ran after stop()');
    },
  },
  {
    id: 'LOOP-9.7',
    title: "a run within a run throws 'This event loop is already running', and the outer goes on",
    needs: ['programLoop'],
    async test(trial) {
      const { loop } = trial;
      const main = new Outcome(loop);
      const inner: { ending: Ending | undefined }[] = [];
      loop.callSoon(() => {
        inner.push(start(trial, () => loop.runForever()));
        inner.push(start(trial, () => loop.runUntilComplete(main)));
        after(loop, 3, () => {
          trial.steps.push('went on');
          loop.stop();
        });
      });
      const { error, steps } = await trial.ending(() => loop.runForever());
      await waitOnHost(undefined, () => inner.every(({ ending }) => ending !== undefined));
      checkSame(error, undefined, 'what the outer run failed with');
      checkSame(steps, ['went on'], 'what ran after the refusals');
      checkSame(main.waiters(), 0, 'how many callbacks the refused run left');
      for (const { ending } of inner) {
        checkRule(ending?.error, 'This event loop is already running', 'a run within a run');
      }
    },
  },
  {
    id: 'LOOP-9.8',
    title: "a run within another loop's throws 'Cannot run the event loop while another loop is running'",
    needs: ['programLoop', 'blockingRun'],
    async test(trial) {
      const { loop } = trial;
      const other = trial.create();
      let inner: { ending: Ending | undefined } | undefined;
      loop.callSoon(() => {
        inner = start(trial, () => other.runForever());
        loop.stop();
      });
      const { error } = await trial.ending(() => loop.runForever());
      await waitOnHost(undefined, () => inner?.ending !== undefined);
      other.close();
      checkSame(error, undefined, 'what the outer run failed with');
      const message = 'Cannot run the event loop while another loop is running';
      checkRule(inner?.ending?.error, message, "a run within another loop's");
    },
  },
  {
    id: 'LOOP-9.9',
    title: 'isRunning() is true while a run method is at work',
    needs: ['programLoop'],
    async test(trial) {
      const { loop } = trial;
      checkSame(loop.isRunning(), false, 'isRunning() before the run');
      loop.callSoon(() => {
        trial.steps.push(`in a callback ${loop.isRunning()}`);
        loop.stop();
      });
      await trial.ending(() => loop.runForever());
      checkSame(loop.isRunning(), false, 'isRunning() after the run');
      const main = new Outcome(loop);
      loop.callSoon(() => {
        trial.steps.push(`in another ${loop.isRunning()}`);
        main.settle({ value: 'result' });
      });
      await trial.ending(() => loop.runUntilComplete(main));
      trial.checkSteps(['in a callback true', 'in another true'], 'isRunning() in runs');
      const failed = new Outcome(loop);
      failed.settle({ error: new Error('any') });
      await trial.ending(() => loop.runUntilComplete(failed));
      checkSame(loop.isRunning(), false, 'isRunning() after a run that failed');
    },
  },
  {
    id: 'LOOP-9.10',
    title: 'what cannot be waited for is refused by runUntilComplete, which leaves the loop as it was',
    needs: ['programLoop'],
    async test(trial) {
      const { loop } = trial;
      for (const bad of [undefined, 'text', {}] as never[]) {
        const { error } = await trial.ending(() => loop.runUntilComplete(bad));
        checkError(error, TypeError, [bad], `runUntilComplete(${show(bad)})`);
        checkSame(loop.isRunning(), false, 'isRunning() afterwards');
      }
      after(loop, 3, () => {
        trial.steps.push('went on');
        loop.stop();
      });
      const { steps } = await trial.ending(() => loop.runForever());
      checkSame(steps, ['went on'], 'what the next run ran');
    },
  },
  {
    id: 'LOOP-9.11',
    title: "close() of a loop that runs throws 'Cannot close a running event loop', and the loop goes on",
    needs: ['programLoop'],
    async test(trial) {
      const { loop } = trial;
      let error: unknown;
      loop.callSoon(() => {
        try {
          loop.close();
        } catch (thrown) {
          error = thrown;
        }
        trial.steps.push(`closed ${loop.isClosed()}`);
        after(loop, 2, () => {
          trial.steps.push('went on');
          loop.stop();
        });
      });
      const { steps } = await trial.ending(() => loop.runForever());
      checkRule(error, 'Cannot close a running event loop', 'close() while it runs');
      checkSame(steps, ['closed false', 'went on'], 'what ran');
    },
  },
  {
    id: 'LOOP-9.12',
    title: 'close() may be called twice; isClosed() tells',
    needs: ['programLoop'],
    test(trial) {
      const { loop } = trial;
      checkSame(loop.isClosed(), false, 'isClosed() at first');
      loop.close();
      checkSame(loop.isClosed(), true, 'isClosed() of a closed loop');
      loop.close();
      checkSame(loop.isClosed(), true, 'isClosed() after the second close()');
    },
  },
  {
    id: 'LOOP-9.13',
    title: "a closed loop throws 'Event loop is closed' when something is scheduled or run",
    needs: ['programLoop'],
    async test(trial) {
      const { loop } = trial;
      const main = new Outcome(loop);
      loop.close();
      const calls = {
        callSoon: () => loop.callSoon(trial.note('callSoon')),
        'callSoon with arguments': () => loop.callSoon(trial.note('callSoon'), 1, 2, 3),
        enqueue: () => loop.enqueue(trial.runnable('enqueue')),
        callLater: () => loop.callLater(1, trial.note('callLater')),
        callAt: () => loop.callAt(loop.time(), trial.note('callAt')),
        runForever: () => loop.runForever(),
        runUntilComplete: () => loop.runUntilComplete(main),
      };
      for (const [name, call] of Object.entries(calls)) {
        for (const time of ['first', 'second']) {
          const { error } = await trial.ending(call);
          checkRule(error, 'Event loop is closed', `${name} of a closed loop, the ${time} time`);
        }
      }
      checkSame(main.waiters(), 0, 'how many callbacks the refused run left');
      checkSame(loop.isRunning(), false, 'isRunning() of a closed loop');
      trial.checkSteps([], 'what ran');
    },
  },
  {
    id: 'LOOP-9.14',
    title: 'close() drops what is scheduled; its handles may be cancelled still',
    needs: ['programLoop'],
    async test(trial) {
      const { loop } = trial;
      const handles = [
        loop.callSoon(trial.note('callSoon')),
        loop.callSoon(trial.note('callSoon'), 1, 2, 3),
        loop.callLater(0, trial.note('callLater')),
        loop.callLater(1, trial.note('callLater')),
        loop.callLater(60_000, trial.note('callLater')),
      ];
      loop.enqueue(trial.runnable('enqueue'));
      loop.close();
      await waitOnHost(undefined, () => true);
      for (const handle of handles) {
        handle.cancel();
        checkSame(handle.cancelled(), true, 'cancelled() of a handle that was cancelled after close()');
      }
      trial.checkSteps([], 'what ran after close()');
    },
  },
];
