/**
 * What a program of the matrix does with the packages. Nothing here needs a host: no Node, no document, no syntax later
 * than ES2022. `EXPECTED` is what it must give everywhere.
 */

/** Names that `aiokit` and `aiokit/virtual` give are used; what is done is told in order. */
export async function use(asyncio, { VirtualLoop }) {
  const order = [];

  const lock = new asyncio.Lock();
  await Promise.all(
    [3, 1, 2].map((delayMs) =>
      lock.with(async () => {
        await asyncio.sleep(delayMs);
        order.push(`lock ${delayMs}`);
      }),
    ),
  );

  const queue = new asyncio.Queue(1);
  function* produce() {
    for (let item = 1; item <= 4; item++) yield* queue.put(item);
    queue.shutdown();
  }
  function* main() {
    const producer = asyncio.createTask(produce());
    let sum = 0;
    for (let next = yield* queue.next(); !next.done; next = yield* queue.next()) sum += next.value;
    yield* producer;
    order.push(`queue ${sum}`);
    const slow = asyncio.createTask(asyncio.sleep(60_000));
    yield* asyncio.sleep(0);
    slow.cancel();
    try {
      yield* slow;
    } catch (error) {
      order.push(`cancelled ${asyncio.isCancelledError(error)}`);
    }
    const all = yield* asyncio.gather(asyncio.sleep(2, 'b'), asyncio.sleep(1, 'a'));
    return `gather ${all.join()}`;
  }
  order.push(await asyncio.run(main()));

  const late = await new asyncio.Event().wait({ timeoutMs: 1 }).then(null, (error) => error);
  order.push(`timeout ${asyncio.isTimeoutError(late)}`);

  const controller = new AbortController();
  const semaphore = new asyncio.Semaphore(0);
  const aborted = semaphore.acquire({ signal: controller.signal }).then(null, (reason) => reason);
  controller.abort('enough');
  order.push(`aborted ${await aborted}`);

  const virtual = new VirtualLoop();
  virtual.callLater(3_600_000, () => order.push(`virtual ${virtual.time()}`));
  virtual.runUntilIdle();
  return order;
}

export const EXPECTED = [
  'lock 3',
  'lock 1',
  'lock 2',
  'queue 10',
  'cancelled true',
  'gather b,a',
  'timeout true',
  'aborted enough',
  'virtual 3600000',
];

/** A program with `using`; it gives whether the lock was held within the block, and after it. */
export const USING = `
import { Lock } from '@aiokit/sync-primitives';
const lock = new Lock();
const held = [];
async function section() {
  using permit = await lock.acquire();
  held.push(lock.locked(), typeof permit.release);
}
section().then(() => console.log(JSON.stringify([...held, lock.locked()])));
`;
