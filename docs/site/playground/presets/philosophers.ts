// Three philosophers share three forks; each takes the left one, then
// the right one.
import { type Coroutine, Lock, sleep } from 'aiokit';
import type { World } from '@aiokit/testing';

export default function main(world: World) {
  const forks = ['fork A', 'fork B', 'fork C'].map((name) => world.label(new Lock(), name));

  function* dine(left: Lock, right: Lock): Coroutine<void> {
    yield* left.acquire();
    yield* sleep(0);
    yield* right.acquire();
    world.note('eats');
    right.release();
    left.release();
  }

  const [a, b, c] = forks as [Lock, Lock, Lock];
  world.spawn(dine(a, b), 'Plato');
  world.spawn(dine(b, c), 'Hypatia');
  world.spawn(dine(c, a), 'Kant');
}
