/** LOOP-11: the host's turn. */
import { check } from './check.js';
import type { ClauseTest, Trial } from './trial.js';
import { hostTimer, now } from './wait-on-host.js';

/** A flood ends after this many callbacks and this real time, so that a loop that keeps the host waiting fails. */
const FLOOD_CALLBACKS = 100_000;
const FLOOD_MS = 200;

/** Callbacks that schedule the next, until `done()`. True if that came while they did. */
async function flood(trial: Trial, done: () => boolean): Promise<boolean> {
  const began = now();
  let count = 0;
  let inTime = false;
  let ended = false;
  const spin = () => {
    inTime = done();
    ended = inTime || (++count > FLOOD_CALLBACKS && now() - began > FLOOD_MS);
    if (!ended) trial.loop.callSoon(spin);
  };
  trial.loop.callSoon(spin);
  await trial.run(() => ended);
  check(ended, 'the loop did not run all callbacks');
  return inTime;
}

export const hostClauses: readonly ClauseTest[] = [
  {
    id: 'LOOP-11.1',
    title: 'after hostTurn(), host promises run before the next iteration',
    needs: ['hostTurn'],
    async test(trial) {
      const { loop } = trial;
      loop.callSoon(() => {
        trial.steps.push('iteration');
        loop.callSoon(trial.note('next iteration'));
        void Promise.resolve().then(trial.note('promise'));
        loop.hostTurn?.();
      });
      await trial.run(3);
      trial.checkSteps(['iteration', 'promise', 'next iteration'], 'the order');
    },
  },
  {
    id: 'LOOP-11.2',
    title: 'callbacks that schedule callbacks keep neither promises nor timers of the host waiting',
    needs: ['hostTurn'],
    async test(trial) {
      let [settled, fired] = [false, false];
      void Promise.resolve()
        .then(() => {})
        .then(() => {})
        .then(() => {
          settled = true;
        });
      hostTimer(() => {
        fired = true;
      });
      const inTime = await flood(trial, () => settled && fired);
      check(inTime, 'a promise or a host timer was kept waiting until nothing was ready any more');
    },
  },
  {
    id: 'LOOP-11.3',
    title: "callbacks that schedule callbacks do not keep the loop's timers waiting",
    needs: ['hostTurn'],
    async test(trial) {
      let fired = false;
      trial.loop.callLater(2, () => {
        fired = true;
      });
      check(await flood(trial, () => fired), 'a timer was kept waiting until nothing was ready any more');
    },
  },
];
