// The same with async functions. A browser cannot tell which task an
// async function is of, so each is given a scope and waits through it.
// In Node, Deno and Bun a plain `await queue.get()` does.
import { Queue, type Scope, sleep } from 'aiokit';
import type { World } from '@aiokit/testing';

type QueueData = [string, ...number[]];

export default function main(world: World) {
  const queue = new Queue<QueueData>();

  async function operationsub(scope: Scope) {
    console.log('start operationsub');
    while (true) {
      const queuedata = await scope.wait(queue.get());
      console.log('queuedata:', queuedata);
      if (queuedata[0] === 'stop') break;
    }
    console.log('operationsub11');
  }

  async function operation(scope: Scope) {
    const lists: QueueData[] = [
      ['start', 1, 2, 3],
      ['next', 4, 5, 6],
      ['stop', 7, 8, 9],
    ];
    for (const [at, list] of lists.entries()) {
      await scope.wait(sleep(200));
      queue.putNowait(list);
      console.log(`operation${at + 1}`);
    }
  }

  world.spawn(operation, 'operation');
  world.spawn(operationsub, 'operationsub');
}
