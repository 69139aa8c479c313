// Check, then act. Both look at the balance before either has taken
// anything.
import { type Coroutine, sleep } from 'aiokit';
import type { World } from '@aiokit/testing';

export default function main(world: World) {
  let balance = 100;
  world.invariant(() => balance >= 0, 'overdrawn');

  function* withdraw(amount: number): Coroutine<void> {
    if (balance < amount) return;
    yield* sleep(world.choose(2)); // asks the bank
    balance -= amount;
    console.log(`takes ${amount}, leaves ${balance}`);
  }

  world.spawn(withdraw(70), 'Ann');
  world.spawn(withdraw(70), 'Bob');
}
