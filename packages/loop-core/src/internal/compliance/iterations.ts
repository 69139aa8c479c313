/** LOOP-2: iterations. */
import type { ClauseTest } from './trial.js';

export const iterationClauses: readonly ClauseTest[] = [
  {
    id: 'LOOP-2.1',
    title: 'what is scheduled during an iteration runs after all that was ready at its beginning',
    needs: [],
    async test(trial) {
      const { loop } = trial;
      let again = 2;
      const itself = {
        run() {
          trial.steps.push('itself');
          if (again-- > 0) loop.enqueue(itself);
        },
      };
      loop.callSoon(() => {
        trial.steps.push('callback');
        loop.callSoon(trial.note('callSoon'));
        loop.enqueue(trial.runnable('enqueue'));
      });
      loop.enqueue({
        run() {
          trial.steps.push('runnable');
          loop.callSoon(trial.note('callSoon'));
          loop.enqueue(trial.runnable('enqueue'));
        },
      });
      loop.enqueue(itself);
      await trial.run(8);
      const { steps } = trial;
      trial.checkSet(['callback', 'itself', 'runnable'], 'the first iteration', steps.slice(0, 3));
      trial.checkSet(
        ['callSoon', 'callSoon', 'enqueue', 'enqueue', 'itself'],
        'the second iteration',
        steps.slice(3, 8),
      );
      trial.checkSet(['itself'], 'the third iteration', steps.slice(8));
    },
  },
  {
    id: 'LOOP-2.2',
    title:
      'an iteration runs what was ready, then the timers that are due at its beginning, and nothing else',
    needs: ['orderedTimers'],
    async test(trial) {
      const { loop } = trial;
      loop.callAt(loop.time() - 1, trial.note('timer'));
      loop.callSoon(() => {
        trial.steps.push('ready');
        loop.callSoon(trial.note('next iteration'));
      });
      await trial.run(3);
      trial.checkSteps(['ready', 'timer', 'next iteration'], 'the order');
      trial.steps.splice(0);
      loop.callSoon(() => void loop.callAt(loop.time() - 1, trial.note('timer')));
      loop.callSoon(() => void loop.callSoon(trial.note('ready')));
      await trial.run(2);
      trial.checkSteps(['ready', 'timer'], 'a timer that became due during an iteration');
    },
  },
];
