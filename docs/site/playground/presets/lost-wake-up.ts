// Lost wake-up. The customer looks, sees nothing, and goes to wait; the
// bell rings between the two, and is cleared. A condition does not lose
// it: `yield* bell.waitFor(() => ready)` looks again under its lock.
import { type Coroutine, Event, sleep } from 'aiokit';
import type { World } from '@aiokit/testing';

export default function main(world: World) {
  const bell = new Event();
  let ready = false;

  function* customer(): Coroutine<void> {
    if (!ready) {
      yield* sleep(0); // takes a seat
      yield* bell.wait();
    }
    world.note('eats');
  }

  function* kitchen(): Coroutine<void> {
    yield* sleep(0); // cooks
    ready = true;
    bell.set();
    bell.clear();
  }

  world.spawn(customer(), 'customer');
  world.spawn(kitchen(), 'kitchen');
}
