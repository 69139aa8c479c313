/** LOOP-10: which loop is running. */
import { currentLoop } from '../../current-loop.js';
import { realm } from '../../realm.js';
import { checkSame } from './check.js';
import type { ClauseTest } from './trial.js';

export const runningClauses: readonly ClauseTest[] = [
  {
    id: 'LOOP-10.1',
    title: 'while a callback runs, its loop is the running one',
    needs: [],
    async test(trial) {
      const { loop } = trial;
      const found: unknown[] = [];
      const look = () => {
        found.push(currentLoop());
        trial.steps.push('looked');
      };
      loop.callSoon(look);
      loop.enqueue({ run: look });
      loop.callLater(1, look);
      await trial.run(3);
      checkSame(found, [loop, loop, loop], 'the running loop in callSoon, enqueue and callLater');
    },
  },
  {
    id: 'LOOP-10.2',
    title: 'when the loop rests, it is not the running one, whatever its callbacks threw',
    needs: [],
    async test(trial) {
      const { loop } = trial;
      const before = realm.running;
      loop.callSoon(trial.note('fine'));
      await trial.run(1);
      checkSame(realm.running, before, 'the running loop after a run');
      loop.callSoon(() => {
        trial.steps.push('throws');
        throw new Error('any');
      });
      await trial.run(2);
      trial.takeReports();
      checkSame(realm.running, before, 'the running loop after a run in which a callback threw');
    },
  },
];
