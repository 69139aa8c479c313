// Lost permit. A query is cancelled while it holds a connection. What
// comes after its `yield*` is skipped, `release()` too. Search with one
// cancellation; then put the release into a `finally`, or write `yield*
// connections.with(function* …)`.
import { type Coroutine, Semaphore, sleep } from 'aiokit';
import type { World } from '@aiokit/testing';

export default function main(world: World) {
  const connections = new Semaphore(1);

  function* query(): Coroutine<void> {
    yield* connections.acquire();
    yield* sleep(10); // the database answers
    connections.release();
  }

  world.spawn(query(), 'Ann');
  world.spawn(query(), 'Bob');
}
