import { isCancelledError, isTimeoutError, realm } from '@aiokit/loop-core';
import { VirtualLoop } from '@aiokit/loop-core/virtual';
import { Future } from '@aiokit/future';
import {
  coroutine,
  createTask,
  currentTask,
  gather,
  isExceptionGroup,
  type Scope,
  select,
  shield,
  sleep,
  TaskGroup,
  timeout,
  waitFor,
  type Waitable,
  Runner,
  run,
  type Coroutine,
} from '@aiokit/task';
import { describe, expect, test } from 'vitest';

async function onLoop<T>(main: (scope: Scope) => Promise<T>): Promise<T> {
  const loop = new VirtualLoop();
  try {
    return await loop.runUntilCompleteAsync(createTask(main, { loop }));
  } finally {
    loop.close();
  }
}
describe.each([
  ['with async context', false],
  ['without', true],
])('%s', (_, without) => {
  const prepare = () => {
    const r = realm as any;
    const before = r.store;
    if (without) {
      r.store = null;
    }
    return () => {
      r.store = before;
    };
  };
  test('timeout', async () => {
    const restore = prepare();
    try {
      const steps = await onLoop(async (scope) => {
        const steps: string[] = [];
        try {
          await timeout(
            10,
            async (limit) => {
              try {
                await (without ? limit.wait(sleep(1000)) : sleep(1000));
              } finally {
                steps.push('finally');
              }
            },
            { scope },
          );
        } catch (e) {
          steps.push(String(isTimeoutError(e)));
        }
        try {
          await timeout(
            100,
            async (outer) => {
              await timeout(
                1000,
                async (inner) => {
                  await inner.wait(sleep(5000));
                },
                { scope: outer },
              );
            },
            { scope },
          );
        } catch (e) {
          steps.push(String(isTimeoutError(e)));
        }
        steps.push(String(await waitFor(sleep(5, 'v'), 10, { scope })));
        try {
          await waitFor(sleep(50, 'v'), 10, { scope });
        } catch (e) {
          steps.push(String(isTimeoutError(e)));
        }
        try {
          await new TaskGroup().run(
            async (group) => {
              group.createTask(async (s) => {
                try {
                  await s.wait(sleep(1000));
                } catch (e) {
                  steps.push('sibling ' + isCancelledError(e));
                  throw e;
                }
              });
              group.createTask(async (s) => {
                await s.wait(sleep(1));
                throw new Error('bad');
              });
              try {
                await group.wait(sleep(3000));
              } catch (e) {
                steps.push('body ' + isCancelledError(e));
                throw e;
              }
            },
            { scope },
          );
        } catch (e) {
          steps.push(String(isExceptionGroup(e) && e.errors.length));
        }
        steps.push(`${scope.task.cancelling()}`);
        const { index, value } = await select([sleep(10, 'a'), sleep(5, 'b')]);
        steps.push(`${index}${value}`);
        return steps;
      });
      expect(steps).toEqual([
        'finally',
        'true',
        'true',
        'v',
        'true',
        'sibling true',
        'body true',
        '1',
        '0',
        '1b',
      ]);
    } finally {
      restore();
    }
  });
  test('signal', async () => {
    const restore = prepare();
    try {
      const steps: string[] = [];
      await onLoop(async (scope) => {
        const task = createTask(async (own) => {
          try {
            await new Promise((_r, reject) => {
              const { signal } = own;
              signal.addEventListener('abort', () => reject(signal.reason));
            });
          } catch (e) {
            steps.push(`aborted ${isCancelledError(e)}`);
            await own.wait(sleep(10));
            steps.push('cleaned up');
            throw e;
          }
        });
        await scope.wait(sleep(1));
        task.cancel('enough');
        try {
          await task;
        } catch (e) {
          steps.push(String(e));
        }
        const unstarted = createTask(async () => {
          steps.push('never');
        });
        unstarted.cancel();
        try {
          await unstarted;
        } catch (e) {
          steps.push(String(isCancelledError(e)));
        }
      });
      expect(steps).toEqual(['aborted true', 'cleaned up', 'CancelledError: enough', 'true']);
    } finally {
      restore();
    }
  });
});
test('nested async, all', async () => {
  const steps: string[] = [];
  await onLoop(async () => {
    const inner = async (name: string) => {
      try {
        await sleep(1000);
      } catch (e) {
        steps.push(name);
        throw e;
      }
    };
    const task = createTask(async () => {
      await Promise.all([inner('a'), inner('b')]);
    });
    await sleep(1);
    task.cancel();
    await expect(task).rejects.toSatisfy(isCancelledError);
    expect(currentTask()?.getName()).toMatch(/^Task-/);
    const named = coroutine(function* hello(): Coroutine<number> {
      yield* sleep(10);
      return 3;
    });
    expect(await named()).toBe(3);
    const t2 = createTask(async () => {
      try {
        await new Promise<void>((r) => setImmediate(() => r()));
        steps.push('host');
        await sleep(1);
        steps.push('not here');
      } catch (e) {
        steps.push('late');
        throw e;
      }
    });
    await sleep(0);
    t2.cancel();
    await expect(t2).rejects.toSatisfy(isCancelledError);
  });
  expect(steps).toEqual(['a', 'b', 'host', 'late']);
});
test('run', async () => {
  expect(
    await run(async () => {
      createTask(async () => {
        try {
          await sleep(1e6);
        } finally {
        }
      });
      await sleep(1);
      return 7;
    }),
  ).toBe(7);
  expect(
    await run(
      function* () {
        return 8;
      },
      { loopFactory: () => new VirtualLoop() },
    ),
  ).toBe(8);
});

test('then within a task stays in it, callbacks do not', async () => {
  await onLoop(async (scope) => {
    const seen: unknown[] = [];
    await sleep(1).then(() => seen.push(currentTask()?.getName()));
    await new Promise<void>((resolve) => void scope.task.getLoop().callSoon(() => { seen.push(currentTask()?.getName()); resolve(); }));
    expect(seen).toEqual([scope.task.getName(), undefined]);
  });
});
test('an operation that is done is given back by a task that is cancelled before its first step', async () => {
  const { completed } = await import('@aiokit/loop-core');
  const back: number[] = [];
  await onLoop(async () => {
    const task = createTask(completed(1, { abandoned: (value) => void back.push(value) }));
    task.cancel();
    await expect(task).rejects.toSatisfy(isCancelledError);
    expect(await createTask(completed(2, { abandoned: (value) => void back.push(value) }))).toBe(2);
  });
  expect(back).toEqual([1]);
});
