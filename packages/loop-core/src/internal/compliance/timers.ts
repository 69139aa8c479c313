/** LOOP-3: timers. */
import { check, checkSame } from './check.js';
import type { ClauseTest } from './trial.js';

/** Beyond the longest delay of a host's timer. */
const LONG_MS = 2 ** 31 + 10;

export const timerClauses: readonly ClauseTest[] = [
  {
    id: 'LOOP-3.1',
    title: 'a timer never fires early',
    needs: [],
    async test(trial) {
      const { loop } = trial;
      const early: string[] = [];
      const begin = loop.time();
      const add = (name: string, when: number, schedule: (callback: () => void) => void) => {
        schedule(() => {
          const late = loop.time() - when;
          if (!(late >= 0)) early.push(`${name} ${-late} ms early`);
          trial.steps.push('fired');
        });
      };
      for (const delay of [1, 1.5, 2.75]) {
        add(`callLater(${delay})`, begin + delay, (callback) => loop.callLater(delay, callback));
      }
      for (const delay of [1.25, 2, 4]) {
        add(`callAt(begin + ${delay})`, begin + delay, (callback) => loop.callAt(begin + delay, callback));
      }
      await trial.run(6);
      checkSame(early, [], 'timers that fired early');
      checkSame(trial.steps.length, 6, 'timers that fired');
    },
  },
  {
    id: 'LOOP-3.2',
    title: 'timers fire in the order of their deadlines',
    needs: ['orderedTimers'],
    async test(trial) {
      const { loop } = trial;
      const begin = loop.time();
      for (const offset of [6, -2, 2, -6, 4, -4]) {
        loop.callAt(begin + offset, trial.note(String(offset)));
      }
      await trial.run(6);
      trial.checkSteps(['-6', '-4', '-2', '2', '4', '6'], 'the order of timers, past and future');
    },
  },
  {
    id: 'LOOP-3.3',
    title: 'timers of one deadline fire in the order in which they were made',
    needs: ['orderedTimers'],
    async test(trial) {
      const { loop } = trial;
      const expected = Array.from({ length: 10 }, (_, index) => String(index));
      for (const offset of [-1, 2]) {
        const when = loop.time() + offset;
        for (const name of expected) loop.callAt(when, trial.note(name));
        await trial.run(10);
        trial.checkSteps(expected, 'the order of ten timers of one deadline');
        trial.steps.splice(0);
      }
    },
  },
  {
    id: 'LOOP-3.4',
    title: 'a deadline that is over, and a delay of zero or less, mean as soon as possible',
    needs: [],
    async test(trial) {
      const { loop } = trial;
      const clock = loop.time();
      const expected: string[] = [];
      const expect = (how: string) => {
        expected.push(how);
        return trial.note(how);
      };
      for (const delay of [0, -1, -1e9]) loop.callLater(delay, expect(`callLater(${delay})`));
      for (const ago of [0.5, 2, 2e9]) loop.callAt(clock - ago, expect(`callAt(${ago} ms ago)`));
      await trial.run(expected.length);
      trial.checkSet(expected, 'timers that fired');
      if (trial.claims('virtualTime'))
        checkSame(loop.time(), clock, 'the clock, for which nothing had to wait');
    },
  },
  {
    id: 'LOOP-3.5',
    title: 'callLater and callAt pass exactly the arguments that they were given',
    needs: [],
    async test(trial) {
      const { loop } = trial;
      const lists = [[], [undefined], [null, undefined], [1], [1, 'two', trial, 4, 5, 6]];
      const seen = new Map<string, unknown[]>();
      for (const [at, list] of lists.entries()) {
        const see = (how: string) => {
          return (...args: unknown[]) => {
            seen.set(`${how} ${at}`, args);
            trial.steps.push('called');
          };
        };
        loop.callLater(at / 4, see('callLater'), ...list);
        loop.callAt(loop.time() - at - 1, see('callAt'), ...list);
      }
      await trial.run(2 * lists.length);
      for (const how of ['callLater', 'callAt']) {
        for (const [at, list] of lists.entries())
          checkSame(seen.get(`${how} ${at}`), list, `${how}, list ${at}`);
      }
    },
  },
  {
    id: 'LOOP-3.6',
    title: 'when() is the deadline that was asked for, also when the timer has fired or was cancelled',
    needs: [],
    async test(trial) {
      const { loop } = trial;
      const before = loop.time();
      const later = loop.callLater(2, trial.note('callLater'));
      const after = loop.time();
      const at = loop.callAt(before + 1.5, trial.note('callAt'));
      const past = loop.callAt(before - 100, trial.note('past'));
      const cancelled = loop.callAt(before + 1, trial.note('cancelled'));
      cancelled.cancel();
      const due = later.when();
      check(due >= before + 2 && due <= after + 2, `callLater(2) at ${before} to ${after} is due at ${due}`);
      const look = () => [later.when(), at.when(), past.when(), cancelled.when()];
      const expected = [due, before + 1.5, before - 100, before + 1];
      checkSame(look(), expected, 'the deadlines');
      await trial.run(3);
      checkSame(look(), expected, 'the deadlines afterwards');
    },
  },
  {
    id: 'LOOP-3.7',
    title: 'a cancelled timer does not fire, even if it was due in the same iteration; the others do',
    needs: [],
    async test(trial) {
      const { loop } = trial;
      const cancelled = loop.callLater(2, trial.note('cancelled'));
      const twice = loop.callLater(1, trial.note('cancelled twice'));
      const fired = loop.callLater(0, trial.note('fired'));
      loop.callLater(3, trial.note('kept'));
      cancelled.cancel();
      twice.cancel();
      twice.cancel();
      const first = loop.callAt(loop.time() - 2, () => {
        second.cancel();
        trial.steps.push('one of two');
      });
      const second = loop.callAt(loop.time() - 1, () => {
        first.cancel();
        trial.steps.push('one of two');
      });
      await trial.run(3);
      trial.checkSet(['fired', 'kept', 'one of two'], 'timers that fired');
      loop.callLater(1, trial.note('next'));
      fired.cancel();
      twice.cancel();
      await trial.run(4);
      trial.checkSet(
        ['fired', 'kept', 'next', 'one of two'],
        'timers that fired after others were cancelled late',
      );
    },
  },
  {
    id: 'LOOP-3.8',
    title: 'a delay of more than 2³¹ milliseconds is not cut short',
    needs: [],
    async test(trial) {
      const { loop } = trial;
      const far = [
        loop.callLater(LONG_MS, trial.note('callLater')),
        loop.callAt(loop.time() + 2 * LONG_MS, trial.note('callAt')),
      ];
      loop.callLater(2, () => {
        trial.steps.push('near');
        for (const timer of far) timer.cancel();
      });
      await trial.run(1);
      for (const timer of far) timer.cancel();
      trial.checkSteps(['near'], 'timers that fired within 2 ms');
    },
  },
  {
    id: 'LOOP-3.9',
    title: 'a timer that is made while others are pending, by a timer or by a callback, fires in its time',
    needs: [],
    async test(trial) {
      const { loop } = trial;
      const far = loop.callLater(60_000, trial.note('far'));
      loop.callLater(1, () => {
        trial.steps.push('first');
        loop.callLater(1, () => {
          trial.steps.push('second');
          loop.callSoon(() => {
            loop.callLater(1, () => {
              trial.steps.push('third');
              far.cancel();
            });
          });
        });
      });
      await trial.run(3);
      far.cancel();
      trial.checkSteps(['first', 'second', 'third'], 'timers that fired');
    },
  },
  {
    id: 'LOOP-3.10',
    title: 'virtual time: the clock jumps to the next deadline and no farther',
    needs: ['virtualTime'],
    async test(trial) {
      const { loop } = trial;
      const begin = loop.time();
      const shown: number[] = [];
      const delays = [1, 1000, 60_000, 1e9];
      for (const delay of delays) {
        loop.callAt(begin + delay, () => {
          shown.push(loop.time());
          trial.steps.push('fired');
        });
      }
      await trial.run(delays.length);
      checkSame(
        shown,
        delays.map((delay) => begin + delay),
        'what the clock showed when the timers fired',
      );
    },
  },
  {
    id: 'LOOP-3.11',
    title: 'virtual time: the clock does not jump to the deadline of a cancelled timer',
    needs: ['virtualTime'],
    async test(trial) {
      const { loop } = trial;
      const begin = loop.time();
      const far = loop.callLater(60_000, trial.note('far'));
      loop.callLater(90_000, trial.note('farther')).cancel();
      loop.callLater(1, () => {
        trial.steps.push('near');
        far.cancel();
      });
      await trial.run(1);
      trial.checkSteps(['near'], 'timers that fired');
      const passed = loop.time() - begin;
      check(passed < 60_000, `the clock went on ${passed} ms, for a timer that was cancelled`);
    },
  },
];
