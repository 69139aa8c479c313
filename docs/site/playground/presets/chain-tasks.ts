// Three steps that were meant to come in order are three tasks at once:
// the file is closed before it is written. The cure is in the last
// lines of main: `yield* create(); yield* write(); yield* close();`
import { type Coroutine, createTask, sleep } from 'aiokit';

function* create(): Coroutine<void> {
  yield* sleep(3000);
  console.log('(1) create file');
}

function* write(): Coroutine<void> {
  yield* sleep(1000);
  console.log('(2) write into file');
}

function* close(): Coroutine<void> {
  console.log('(3) close file');
}

export default function* main(): Coroutine<void> {
  createTask(create(), { name: 'create' });
  createTask(write(), { name: 'write' });
  createTask(close(), { name: 'close' });
  yield* sleep(2000);
  console.log('the program ends, and create() is still at work');
}
