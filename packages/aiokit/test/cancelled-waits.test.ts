/** What several waits of one async function are granted in the iteration of a cancellation is not lost. */
import * as asyncio from 'aiokit';
import { VirtualLoop } from 'aiokit/virtual';
import { expect, test } from 'vitest';

/** Runs an async main function on virtual time. */
async function play<T>(main: (scope: asyncio.Scope) => Promise<T>): Promise<T> {
  const loop = new VirtualLoop();
  try {
    return await loop.runUntilCompleteAsync(asyncio.createTask(main, { loop }));
  } finally {
    loop.close();
  }
}

const ended = async (task: PromiseLike<unknown>): Promise<string> =>
  task.then(
    () => 'ended',
    (error: unknown) => (error as Error).name,
  );

test.each([
  ['a task', (body: () => Promise<unknown>) => asyncio.createTask(body)],
  [
    'a section of a task',
    (body: () => Promise<unknown>) => asyncio.createTask(async () => asyncio.timeout(1e6, body)),
  ],
  [
    'a group',
    (body: () => Promise<unknown>) => asyncio.createTask(async () => new asyncio.TaskGroup().run(body)),
  ],
])('SCOPE-1.3 %s that is cancelled gives back what its waits were granted', async (_, start) => {
  await play(async () => {
    const queue = new asyncio.Queue<string>();
    const lock = new asyncio.Lock();
    const held = await lock.acquire();
    const task = start(async () => Promise.all([queue.get(), lock.acquire(), asyncio.sleep(1e4)]));
    await asyncio.sleep(1);
    queue.putNowait('item');
    held.release();
    task.cancel();
    expect(await ended(task)).toBe('CancelledError');
    await asyncio.sleep(1);
    expect([queue.qsize(), queue.getNowait(), lock.locked()]).toEqual([1, 'item', false]);
  });
});

test('SCOPE-1.7 all waits that begin before a kept cancellation is delivered are cancelled', async () => {
  await play(async () => {
    const queue = new asyncio.Queue<string>();
    let go = (): void => {};
    const task = asyncio.createTask(async () => {
      await new Promise<void>((resolve) => {
        go = resolve;
      });
      await Promise.all([queue.get(), queue.get()]);
    });
    await asyncio.sleep(1);
    task.cancel();
    go();
    expect(await ended(task)).toBe('CancelledError');
    await asyncio.sleep(1);
    queue.putNowait('item');
    await asyncio.sleep(1);
    expect(queue.qsize()).toBe(1);
  });
});

test('SCOPE-1.2 what goes on after its section is the task’s to cancel', async () => {
  await play(async () => {
    const steps: string[] = [];
    const task = asyncio.createTask(async () => {
      const going = await asyncio.timeout(1000, async () => {
        await asyncio.sleep(0);
        const wait = async (name: string): Promise<void> => {
          try {
            await asyncio.sleep(10);
            await asyncio.sleep(1e6);
          } catch (error) {
            steps.push(name);
            throw error;
          }
        };
        return { closed: wait('cancelled') };
      });
      await going.closed;
    });
    await asyncio.sleep(50);
    task.cancel();
    expect([await ended(task), steps]).toEqual(['CancelledError', ['cancelled']]);
  });
});

test('SCOPE-1.2 a section that is begun within another, before its first wait, is of the other', async () => {
  await play(async (scope) => {
    const loop = scope.task.getLoop();
    const begun = loop.time();
    const inner = async (): Promise<void> => {
      await asyncio.sleep(1e6);
    };
    const outer = asyncio.timeout(50, async () => asyncio.timeout(1000, inner).then(() => 'over'));
    expect([await ended(outer), loop.time() - begun]).toEqual(['TimeoutError', 50]);
  });
});

test('TASK-2.8 a task that awaits itself is told so, in async functions too', async () => {
  await play(async () => {
    const task = asyncio.createTask(async () => {
      await asyncio.sleep(0);
      await asyncio.currentTask();
    });
    await expect(task).rejects.toMatchObject({ code: 'SELF_AWAIT' });
  });
});

test('SCOPE-1.14 what an async function begins is of the loop of its task', async () => {
  const loop = asyncio.newEventLoop();
  const reports: unknown[] = [];
  loop.setExceptionHandler((_, { message }) => reports.push(message));
  const seen = await asyncio.run(
    async () => {
      await asyncio.sleep(0);
      const task = asyncio.createTask(async () => asyncio.sleep(1e6));
      loop.callSoon(() => {});
      const lock = new asyncio.Lock();
      await lock.acquire();
      return [task.getLoop() === loop, lock.acquire().getLoop() === loop, asyncio.getRunningLoop() === loop];
    },
    { loopFactory: () => loop },
  );
  expect([seen, loop.isClosed(), reports]).toEqual([[true, true, true], true, []]);
});
