/** LOOP-5: the clock and bad arguments. */
import { check, checkError, checkSame, show } from './check.js';
import type { ClauseTest, Trial } from './trial.js';

/** What a call threw. */
function thrown(call: () => unknown): unknown {
  try {
    call();
  } catch (error) {
    return error;
  }
  return undefined;
}

/** Fails if anything runs but what is scheduled now. */
async function checkUntouched(trial: Trial): Promise<void> {
  trial.loop.callSoon(trial.note('callSoon'));
  trial.loop.callLater(1, trial.note('callLater'));
  await trial.run(2);
  trial.checkSet(['callLater', 'callSoon'], 'what ran after the refusals');
}

export const argumentClauses: readonly ClauseTest[] = [
  {
    id: 'LOOP-5.1',
    title: 'time() is a finite number of milliseconds and never goes back',
    needs: [],
    async test(trial) {
      const { loop } = trial;
      const shown = [loop.time(), loop.time()];
      const look = () => {
        shown.push(loop.time());
        trial.steps.push('looked');
      };
      loop.callSoon(look);
      for (const delay of [0, 1, 2]) loop.callLater(delay, look);
      await trial.run(4);
      shown.push(loop.time(), loop.time());
      check(shown.every(Number.isFinite), `the clock showed ${show(shown)}`);
      checkSame(
        shown.filter((time, at) => time < (shown[at - 1] ?? time)),
        [],
        `times that were earlier than the one before, in ${show(shown)}`,
      );
    },
  },
  {
    id: 'LOOP-5.2',
    title: 'what cannot be called is refused with a TypeError that names it, and nothing is scheduled',
    needs: [],
    async test(trial) {
      const { loop } = trial;
      for (const bad of [undefined, null, 42, 'text', {}, { run() {} }] as never[]) {
        const calls = [
          ['callSoon', () => loop.callSoon(bad)],
          ['callLater', () => loop.callLater(1, bad)],
          ['callAt', () => loop.callAt(loop.time() + 1, bad)],
        ] as const;
        for (const [name, call] of calls) {
          checkError(thrown(call), TypeError, ['callback', bad], `${name} of ${show(bad)}`);
        }
      }
      await checkUntouched(trial);
    },
  },
  {
    id: 'LOOP-5.3',
    title:
      'a delay or deadline that is no finite number is refused with an error that names it; nothing is scheduled',
    needs: [],
    async test(trial) {
      const { loop } = trial;
      const callback = trial.note('must not run');
      for (const bad of [undefined, null, '5', {}, 5n, Number.NaN, Infinity] as never[]) {
        const type = typeof bad === 'number' ? RangeError : TypeError;
        checkError(
          thrown(() => loop.callLater(bad, callback)),
          type,
          ['delayMs', bad],
          `callLater(${show(bad)})`,
        );
        checkError(
          thrown(() => loop.callAt(bad, callback)),
          type,
          ['when', bad],
          `callAt(${show(bad)})`,
        );
      }
      await checkUntouched(trial);
    },
  },
];
