// A queue with two places makes a fast producer wait for slow
// consumers. Watch the waiters change sides.
import { type Coroutine, Queue, sleep } from 'aiokit';
import type { World } from '@aiokit/testing';

export default function* main(world: World): Coroutine<void> {
  const queue = new Queue<number>(2);
  const eaten: number[] = [];

  function* consume(delayMs: number): Coroutine<void> {
    for (let next = yield* queue.next(); !next.done; next = yield* queue.next()) {
      yield* sleep(delayMs);
      eaten.push(next.value);
      queue.taskDone();
    }
  }

  world.spawn(consume(30), 'Ann');
  world.spawn(consume(50), 'Bob');
  for (let item = 1; item <= 6; item++) yield* queue.put(item);
  yield* queue.join();
  queue.shutdown();
  console.log(eaten);
}
