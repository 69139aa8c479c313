/** `select` across the packages: whatever is not taken goes back to where it came from. */
import * as asyncio from 'aiokit';
import { VirtualLoop } from 'aiokit/virtual';
import { describe, expect, test } from 'vitest';

interface Contest {
  readonly queue: asyncio.Queue<string>;
  readonly lock: asyncio.Lock;
  /** Told when the three have been called. */
  readonly go: () => void;
}

/** `select([queue.get(), lock.acquire(), sleep(10)])`, in both forms. */
const FORMS = {
  generator: ({ queue, lock, go }: Contest) =>
    (function* steps(): asyncio.Coroutine<number> {
      const choice = asyncio.select([queue.get(), lock.acquire(), asyncio.sleep(10)]);
      go();
      const { index } = yield* choice;
      return index;
    })(),
  'async function': (contest: Contest) => async () => {
    const choice = asyncio.select([contest.queue.get(), contest.lock.acquire(), asyncio.sleep(10)]);
    contest.go();
    return (await choice).index;
  },
} satisfies Record<string, (contest: Contest) => asyncio.TaskSource<number>>;

/** Runs it against an empty queue and a lock that is held, while something happens; nothing may wait at the end. */
async function choose(
  form: (contest: Contest) => asyncio.TaskSource<number>,
  happen: (contest: Contest, task: asyncio.Task<number>) => void,
) {
  const loop = new VirtualLoop();
  asyncio.setEventLoop(loop);
  try {
    const queue = new asyncio.Queue<string>();
    const lock = new asyncio.Lock();
    lock.tryAcquire();
    let task: asyncio.Task<number> | undefined;
    const go = () => happen({ queue, lock, go }, task as asyncio.Task<number>);
    task = asyncio.createTask(form({ queue, lock, go }));
    const outcome = await loop
      .runUntilCompleteAsync(asyncio.wait([task]))
      .then(() => task.toPromise().catch((error: unknown) => (error as Error).name));
    const waiting = [queue.statistics().getters, lock.statistics().waiting];
    expect(waiting).toEqual([0, 0]);
    const items = queue.qsize();
    queue.putNowait('late');
    await loop.runUntilCompleteAsync(asyncio.sleep(1));
    expect(queue.qsize()).toBe(items + 1);
    return { outcome, items, free: lock.tryAcquire() !== null };
  } finally {
    loop.close();
    asyncio.setEventLoop(null);
  }
}

describe.each(Object.entries(FORMS))('%s', (_name, form) => {
  test('SELECT-1 nothing comes: the time is up, and neither item nor lock is taken', async () => {
    const left = await choose(form, () => {});
    expect(left).toEqual({ outcome: 2, items: 0, free: false });
  });

  test('SELECT-1 an item comes: it is taken', async () => {
    const left = await choose(form, ({ queue }) => queue.putNowait('item'));
    expect(left).toEqual({ outcome: 0, items: 0, free: false });
  });

  test('SELECT-1 the lock becomes free: it is taken', async () => {
    const left = await choose(
      form,
      ({ lock }) => void asyncio.getEventLoop().callLater(5, () => lock.release()),
    );
    expect(left).toEqual({ outcome: 1, items: 0, free: false });
  });

  test('SELECT-1 both come in one iteration: one is taken, the other given back', async () => {
    const left = await choose(form, ({ lock, queue }) => {
      queue.putNowait('item');
      lock.release();
    });
    expect(left).toEqual({ outcome: 0, items: 0, free: true });
  });

  test('SELECT-1 both come in the other order: the other is taken', async () => {
    const left = await choose(form, ({ lock, queue }) => {
      lock.release();
      queue.putNowait('item');
    });
    expect(left).toEqual({ outcome: 1, items: 1, free: false });
  });

  test('SELECT-1 both come, and the task is cancelled in the same iteration: both are given back', async () => {
    const left = await choose(form, ({ lock, queue }, task) => {
      asyncio.getEventLoop().callLater(5, () => {
        queue.putNowait('item');
        lock.release();
        task.cancel();
      });
    });
    expect(left).toEqual({ outcome: 'CancelledError', items: 1, free: true });
  });
});
