/** What the workers of the tests do. */
import { parentPort, workerData } from 'node:worker_threads';
import {
  SharedBarrier,
  SharedCondition,
  SharedEvent,
  SharedLock,
  SharedQueue,
  SharedSemaphore,
} from '@aiokit/threadsafe/shared';

const data = workerData as Record<string, never> & { name: string };
const say = (what: unknown): void => parentPort?.postMessage(what);
const codeOf = (work: () => unknown): unknown => {
  try {
    work();
    return 'done';
  } catch (error) {
    return (error as { code?: string }).code ?? String(error);
  }
};

const programs: Record<string, () => void> = {
  /** Adds to a counter that only the lock protects. */
  count() {
    const lock = SharedLock.from(data.lock);
    const cells = data.cells as unknown as Int32Array;
    for (let left = data.times as number; left > 0; left--) {
      const token = lock.acquireSync();
      cells[0] = (cells[0] as number) + 1;
      token.release();
    }
    say('counted');
  },
  /** Puts numbers of its own, in order. */
  produce() {
    const queue = SharedQueue.from<Uint8Array>(data.queue);
    const item = new Uint8Array(8);
    const view = new DataView(item.buffer);
    view.setUint32(0, data.id as number);
    for (let index = 0; index < (data.items as number); index++) {
      view.setUint32(4, index);
      queue.putSync(item);
    }
    say('produced');
  },
  /** Gets until the end, and tells what of each producer; they must come in order. */
  consume() {
    const queue = SharedQueue.from<Uint8Array>(data.queue);
    const last = new Int32Array(64).fill(-1);
    let items = 0;
    let sum = 0;
    try {
      for (;;) {
        for (const item of queue.getManySync({ max: 64 })) {
          const view = new DataView(item.buffer);
          const index = view.getUint32(4);
          if (index <= (last[view.getUint32(0)] as number)) throw new Error('out of order');
          last[view.getUint32(0)] = index;
          items++;
          sum += index;
          queue.taskDone();
        }
      }
    } catch (error) {
      if ((error as { code?: string }).code !== 'QUEUE_SHUT_DOWN') throw error;
    }
    say([items, sum]);
  },
  /** Holds, or waits, for ever, using everything. */
  churn() {
    const lock = SharedLock.from(data.lock);
    const queue = SharedQueue.from<Uint8Array>(data.queue);
    const permits = SharedSemaphore.from(data.semaphore);
    say('up');
    for (;;) {
      for (const work of [
        () => lock.acquireSync({ timeoutMs: 1 }).release(),
        () => permits.acquireSync({ timeoutMs: 1 }).release(),
        () => queue.putSync(new Uint8Array(4), { timeoutMs: 1 }),
        () => queue.getSync({ timeoutMs: 1 }),
      ]) {
        codeOf(work);
      }
    }
  },
  /** Takes the lock and says so, then waits for what never comes. */
  hold() {
    const token = SharedLock.from(data.lock, { name: 'the holder' }).acquireSync();
    say(token.live);
    SharedEvent.from(data.event).waitSync();
  },
  /** Blocks in each primitive until the main thread lets it on. */
  block() {
    const lock = SharedLock.from(data.lock);
    const answers: unknown[] = [];
    say('up');
    SharedEvent.from(data.event).waitSync();
    const token = lock.acquireSync();
    const condition = SharedCondition.from(data.condition);
    answers.push(codeOf(() => condition.waitSync(token)));
    token.release();
    answers.push(SharedBarrier.from(data.barrier).waitSync());
    const queue = SharedQueue.from(data.queue);
    answers.push(queue.getSync());
    queue.taskDone();
    const aborted = AbortSignal.abort(new Error('aborted'));
    answers.push(codeOf(() => lock.acquireSync({ signal: aborted })));
    answers.push(codeOf(() => queue.getSync({ timeoutMs: 1 })));
    answers.push(codeOf(() => SharedSemaphore.from(data.semaphore).acquireSync({ timeoutMs: 0 })));
    queue.putSync(new Uint8Array([9]));
    say(answers);
  },
  /** Waits without blocking. */
  async() {
    const lock = SharedLock.from(data.lock);
    say('up');
    void lock.acquire().then((token) => {
      say('acquired');
      token.release();
    });
  },
};

programs[data.name]?.();
