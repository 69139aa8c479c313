/** LOOP-1: what is ready. */
import { checkSame } from './check.js';
import type { ClauseTest } from './trial.js';

export const readyClauses: readonly ClauseTest[] = [
  {
    id: 'LOOP-1.1',
    title: 'what is ready runs in the order in which it was scheduled, by enqueue or by callSoon',
    needs: [],
    async test(trial) {
      const { loop } = trial;
      const order = {};
      const expected: string[] = [];
      for (const round of [1, 2, 3]) {
        const step = (how: string) => {
          expected.push(`${how} ${round}`);
          return `${how} ${round}`;
        };
        loop.callSoon(trial.note(step('callSoon')));
        loop.enqueue(trial.runnable(step('enqueue')));
        loop.enqueue(trial.runnable(step('enqueue in order')), order);
        loop.callSoon(trial.note(step('callSoon again')));
      }
      await trial.run(expected.length);
      trial.checkSteps(expected, 'the order of an iteration');
    },
  },
  {
    id: 'LOOP-1.2',
    title: 'a runnable that is enqueued twice runs twice',
    needs: [],
    async test(trial) {
      const runnable = trial.runnable('run');
      trial.loop.enqueue(runnable);
      trial.loop.enqueue(runnable);
      await trial.run(2);
      trial.checkSteps(['run', 'run'], 'the runs');
    },
  },
  {
    id: 'LOOP-1.3',
    title: 'nothing runs inside the call that schedules it',
    needs: [],
    async test(trial) {
      const { loop } = trial;
      const schedule = () => {
        loop.callSoon(trial.note('callSoon'));
        loop.enqueue(trial.runnable('enqueue'));
        loop.callLater(0, trial.note('callLater'));
        loop.callAt(loop.time() - 1, trial.note('callAt'));
      };
      schedule();
      trial.checkSteps([], 'what ran while it was scheduled');
      await trial.run(4);
      trial.checkSet(['callAt', 'callLater', 'callSoon', 'enqueue'], 'what ran');
      let ran = -1;
      loop.callSoon(() => {
        schedule();
        ran = trial.steps.length;
      });
      await trial.run(8);
      checkSame(ran, 4, 'how much had run when a callback had scheduled more');
    },
  },
  {
    id: 'LOOP-1.4',
    title: 'callSoon passes exactly the arguments that it was given',
    needs: [],
    async test(trial) {
      const lists = [[], [undefined], [null, undefined], [1], [1, 'two', trial, 4, 5, 6, 7, 8]];
      const seen: unknown[][] = [];
      for (const [at, list] of lists.entries()) {
        trial.loop.callSoon(
          (...args: unknown[]) => {
            seen[at] = args;
            trial.steps.push('called');
          },
          ...list,
        );
      }
      await trial.run(lists.length);
      for (const [at, list] of lists.entries()) checkSame(seen[at], list, `the arguments of call ${at}`);
    },
  },
  {
    id: 'LOOP-1.5',
    title: 'however many are ready, each runs once',
    needs: [],
    async test(trial) {
      const { loop } = trial;
      const many = 1000;
      const runs = Array.from({ length: 2 * many }, () => 0);
      const count = (index: number) => {
        runs[index] = (runs[index] as number) + 1;
        if (index % 10 === 0) trial.steps.push('ran');
      };
      for (let index = 0; index < many; index++) {
        loop.callSoon(count, index);
        loop.enqueue({ run: () => count(many + index) });
      }
      await trial.run(runs.length / 10);
      checkSame(runs.filter((times) => times !== 1).length, 0, `how many of ${runs.length} did not run once`);
    },
  },
];
