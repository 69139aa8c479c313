// ABBA. Each transfer takes the payer's lock, then the receiver's. Two
// that go in opposite directions may wait for each other for ever. In
// asyncio's own order this program is right: let the explorer find the
// order in which it is not.
import { type Coroutine, Lock, sleep } from 'aiokit';
import type { World } from '@aiokit/testing';

export default function main(world: World) {
  const ann = new Lock();
  const bob = new Lock();

  function* transfer(from: Lock, to: Lock): Coroutine<void> {
    yield* from.acquire();
    yield* sleep(world.choose(3)); // the bank takes 0 to 2 ms
    yield* to.acquire();
    world.note('moves the money');
    to.release();
    from.release();
  }

  function* lunch(): Coroutine<void> {
    yield* sleep(1);
    yield* transfer(bob, ann);
  }

  world.spawn(transfer(ann, bob), 'rent');
  world.spawn(lunch(), 'lunch');
}
