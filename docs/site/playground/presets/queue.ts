// A task passes data to another one through a queue. The list that
// begins with "stop" ends it.
import { type Coroutine, createTask, Queue, sleep } from 'aiokit';

type QueueData = [string, ...number[]];

function* operationsub(queue: Queue<QueueData>): Coroutine<void> {
  console.log('start operationsub');
  while (true) {
    const queuedata = yield* queue.get();
    console.log('queuedata:', queuedata);
    if (queuedata[0] === 'stop') break;
  }
  console.log('operationsub11');
}

export default function* operation(): Coroutine<void> {
  const queue = new Queue<QueueData>();
  createTask(operationsub(queue), { name: 'operationsub' });
  console.log('operation1');
  yield* sleep(200);
  queue.putNowait(['start', 1, 2, 3]);
  console.log('operation2');
  yield* sleep(200);
  queue.putNowait(['next', 4, 5, 6]);
  console.log('operation3');
  yield* sleep(200);
  queue.putNowait(['stop', 7, 8, 9]);
  yield* sleep(3000);
  console.log('operation4');
}
