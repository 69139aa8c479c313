/** LOOP-12: the host's async context. */
import { check, checkSame } from './check.js';
import type { ClauseTest } from './trial.js';

interface Store {
  run(value: string, callback: () => void): void;
  getStore(): string | undefined;
}
interface HostProcess {
  getBuiltinModule?(id: string): { AsyncLocalStorage: new () => Store } | undefined;
}

function makeStore(): Store {
  const { process } = globalThis as { process?: HostProcess };
  const hooks = process?.getBuiltinModule?.('async_hooks');
  check(
    hooks !== undefined,
    'the capability asyncContext is claimed, and this host has no AsyncLocalStorage',
  );
  return new hooks.AsyncLocalStorage();
}

export const contextClauses: readonly ClauseTest[] = [
  {
    id: 'LOOP-12.1',
    title: 'a callback runs in the async context in which it was scheduled',
    needs: ['asyncContext'],
    async test(trial) {
      const { loop } = trial;
      const store = makeStore();
      const look = (name: string, ..._others: number[]) =>
        void trial.steps.push(`${name} ${store.getStore()}`);
      for (const value of ['one', 'two']) {
        store.run(value, () => {
          loop.callSoon(look, 'callSoon');
          loop.callSoon(look, 'callSoon with arguments', 1, 2);
          loop.callLater(1, look, 'callLater');
          loop.callAt(loop.time(), look, 'callAt');
        });
      }
      await trial.run(8);
      trial.checkSet(
        ['one', 'two'].flatMap((value) =>
          ['callSoon', 'callSoon with arguments', 'callLater', 'callAt'].map((name) => `${name} ${value}`),
        ),
        'the stores that callbacks saw',
      );
    },
  },
  {
    id: 'LOOP-12.2',
    title: 'a callback that was scheduled outside every store runs outside every store',
    needs: ['asyncContext'],
    async test(trial) {
      const { loop } = trial;
      const store = makeStore();
      const outside: unknown[] = [];
      const look = () => {
        outside.push(store.getStore());
        trial.steps.push('looked');
      };
      store.run('store', () => {
        loop.callSoon(trial.note('inside'));
        loop.callLater(1, trial.note('inside'));
      });
      loop.callSoon(look);
      loop.callLater(1, look);
      await trial.run(4);
      checkSame(outside, [undefined, undefined], 'the stores that callbacks from outside saw');
    },
  },
];
