// A future is cancelled before its result is there. Its callbacks are
// called all the same. Take the question "if (!future.cancelled())"
// away, and look for a schedule that breaks the program.
import { type Coroutine, createTask, Future, sleep } from 'aiokit';

function stopOperation(future: Future<string>) {
  console.log('stop_operation');
  if (!future.cancelled()) console.log(future.result());
}

function* operationsub(future: Future<string>): Coroutine<void> {
  console.log('start operationsub');
  yield* sleep(1000);
  console.log('operationsub11');
  if (!future.cancelled()) future.setResult('operation is done!');
}

export default function* operation(): Coroutine<void> {
  const future = new Future<string>();
  future.addDoneCallback(stopOperation);
  console.log('start operation');
  createTask(operationsub(future), { name: 'operationsub' });
  console.log('operation1');
  yield* sleep(200);
  future.cancel();
  console.log('operation2');
  yield* sleep(3000);
  console.log('operation3');
}
