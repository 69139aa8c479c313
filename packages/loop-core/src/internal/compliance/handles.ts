/** LOOP-4: handles. */
import { checkSame } from './check.js';
import type { ClauseTest } from './trial.js';

export const handleClauses: readonly ClauseTest[] = [
  {
    id: 'LOOP-4.1',
    title: 'a callback that is cancelled before its iteration does not run; the others do',
    needs: [],
    async test(trial) {
      const { loop } = trial;
      const cancelled = [
        loop.callSoon(trial.note('cancelled')),
        loop.callSoon(trial.note('cancelled'), 'with', 'arguments'),
      ];
      loop.callSoon(trial.note('kept'));
      loop.enqueue(trial.runnable('enqueued'));
      for (const handle of cancelled) handle.cancel();
      await trial.run(2);
      trial.checkSet(['enqueued', 'kept'], 'what ran');
    },
  },
  {
    id: 'LOOP-4.2',
    title: 'a callback that is cancelled by another of its iteration does not run',
    needs: [],
    async test(trial) {
      const { loop } = trial;
      const first = loop.callSoon(() => {
        second.cancel();
        trial.steps.push('one of two');
      });
      const second = loop.callSoon(() => {
        first.cancel();
        trial.steps.push('one of two');
      });
      await trial.run(1);
      trial.checkSteps(['one of two'], 'two callbacks that cancel each other');
    },
  },
  {
    id: 'LOOP-4.3',
    title: 'cancelling a callback again, or one that runs or has run, changes nothing',
    needs: [],
    async test(trial) {
      const { loop } = trial;
      const itself = loop.callSoon(() => {
        itself.cancel();
        trial.steps.push('cancels itself');
      });
      const past = loop.callSoon(trial.note('past'));
      const twice = loop.callSoon(trial.note('cancelled twice'));
      loop.callSoon(trial.note('kept'));
      twice.cancel();
      twice.cancel();
      await trial.run(3);
      trial.checkSet(['cancels itself', 'kept', 'past'], 'what ran at first');
      trial.steps.splice(0);
      const cancelPast = (step: string) => () => {
        for (const handle of [itself, past, twice]) handle.cancel();
        trial.steps.push(step);
      };
      for (const step of ['1', '2', '3']) loop.callSoon(cancelPast(step));
      for (const handle of [itself, past, twice]) handle.cancel();
      for (const step of ['4', '5']) loop.callSoon(cancelPast(step));
      await trial.run(5);
      trial.checkSet(['1', '2', '3', '4', '5'], 'what ran after stale handles were cancelled');
    },
  },
  {
    id: 'LOOP-4.4',
    title: 'cancelled() tells whether cancel() was called',
    needs: [],
    async test(trial) {
      const { loop } = trial;
      const handles = [
        loop.callSoon(trial.note('ran')),
        loop.callLater(1, trial.note('ran')),
        loop.callSoon(trial.note('cancelled')),
        loop.callLater(2, trial.note('cancelled')),
      ];
      const look = () => handles.map((handle) => handle.cancelled());
      checkSame(look(), [false, false, false, false], 'cancelled() at first');
      for (const handle of handles.slice(2)) handle.cancel();
      checkSame(look(), [false, false, true, true], 'cancelled() of the two that were cancelled');
      await trial.run(2);
      checkSame(look(), [false, false, true, true], 'cancelled() when the others have run');
      for (const handle of handles.slice(0, 2)) handle.cancel();
      checkSame(look(), [true, true, true, true], 'cancelled() when those were cancelled too late');
    },
  },
];
