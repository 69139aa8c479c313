// A callback is called when the future has its result. Step through it:
// operationsub sets the result at 1000 ms, and the loop calls the
// callback in its next iteration.
import { type Coroutine, createTask, Future, sleep } from 'aiokit';

function stopOperation(future: Future<string>) {
  console.log(future.result());
}

function* operationsub(future: Future<string>): Coroutine<void> {
  console.log('start operationsub');
  yield* sleep(1000);
  console.log('operationsub11');
  future.setResult('operation is done!');
}

export default function* operation(): Coroutine<void> {
  const future = new Future<string>();
  future.addDoneCallback(stopOperation);
  console.log('start operation');
  createTask(operationsub(future), { name: 'operationsub' });
  console.log('operation1');
  yield* sleep(200);
  console.log('operation2');
  yield* sleep(3000);
  console.log('operation3');
}
