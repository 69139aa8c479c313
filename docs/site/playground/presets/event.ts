// A task waits for an event, and goes on in the instant in which it is
// set.
import { type Coroutine, createTask, Event, sleep } from 'aiokit';

function* operationsub(event: Event): Coroutine<void> {
  console.log('start operationsub');
  yield* event.wait();
  console.log('operationsub11');
}

export default function* operation(): Coroutine<void> {
  const event = new Event();
  console.log('start operation');
  createTask(operationsub(event), { name: 'operationsub' });
  console.log('operation1');
  yield* sleep(200);
  event.set();
  console.log('operation2');
  yield* sleep(3000);
  console.log('operation3');
}
