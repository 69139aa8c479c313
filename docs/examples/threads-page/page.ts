/** The threads of ../threads, in a page. Coroutines are generators here: they can be cancelled in every browser. */
import '@aiokit/debug';
import { getEventLoop, isCancelledError, setLogger } from '@aiokit/loop-core';
import { type Coroutine, createTask, gather, run, sleep } from '@aiokit/task';
import { exposeLoop, runInExecutor, WorkerExecutor, workerModule } from '@aiokit/threadsafe';
import { hash } from '../threads/hash.ts';

interface Element {
  textContent: string | null;
  onclick: (() => void) | null;
}
declare const document: { getElementById(id: string): Element };
declare const Worker: new (
  url: URL,
  options: object,
) => { postMessage(message: unknown): void; terminate(): void };
declare const crossOriginIsolated: boolean;

const element = (id: string): Element => document.getElementById(id);
const say = (text: string): void => {
  element('log').textContent += `${text}\n`;
};
setLogger({ debug: say, info: say, warn: say, error: say });

const loop = getEventLoop();
const work = workerModule<typeof import('../threads/work.ts')>();
const plain = workerModule<typeof import('./plain.js')>(new URL('./plain.js', import.meta.url));
const executor = new WorkerExecutor({
  maxWorkers: 2,
  startWorker: () => new Worker(new URL('./work.ts', import.meta.url), { type: 'module' }),
});

let ticks = 0;
let worstMs = 0;
function* clock(): Coroutine<never> {
  for (let due = loop.time(); ; due = loop.time() + 20) {
    yield* sleep(due - loop.time());
    ticks++;
    worstMs = Math.max(worstMs, loop.time() - due);
    element('clock').textContent = `${(loop.time() / 1000).toFixed(2)} s`;
  }
}

function* onTheLoop(): Coroutine<void> {
  yield* sleep(100);
  worstMs = 0;
  const digest = hash('text', 3);
  yield* sleep(40);
  say(`hash on the loop: ${digest}; the clock stood still for a moment: ${worstMs > 20}`);
}

const portal = exposeLoop(loop, {
  functions: {
    progress: (name: string, round: number) => say(`${name} has done round ${round}`),
    *answer(question: string): Coroutine<string> {
      yield* sleep(200);
      return `'${question}' has an answer`;
    },
  },
});

function* inThreads(): Coroutine<void> {
  yield* runInExecutor(executor, work.hash, '', 0);
  ticks = 0;
  const digest = yield* runInExecutor(executor, work.hash, 'text', 3);
  say(`hash in a thread: ${digest}; the clock went on: ${ticks > 2}`);
  const simple = new WorkerExecutor({ maxWorkers: 1 });
  say(`a module that imports nothing: ${yield* simple.submit(plain.double(21))}`);
  const ended = simple.shutdown();
  const asking = portal.ticket();
  try {
    const heard = yield* executor.submit(work.ask(asking), { transfer: [asking.port] });
    say(heard.join(', then '));
  } catch (error) {
    say(String(error));
  }
  yield* gather([ended]);
  const works = ['Ann', 'Bob'].map((name) => {
    const ticket = portal.ticket();
    return executor.submit(work.hashOn(ticket, name), { transfer: [ticket.port] });
  });
  say('two threads compute on and on; Stop ends them');
  try {
    yield* gather(works);
  } finally {
    yield* gather([executor.shutdown()]);
    say(`cancelled: ${works.every((one) => one.cancelled())}, threads left: ${executor.workers}`);
  }
}

let main: { cancel(): boolean } | undefined;
element('stop').onclick = () => main?.cancel();

say(`shared memory: ${crossOriginIsolated}`);
createTask(clock);
await run(onTheLoop(), { debug: true });
try {
  const task = createTask(inThreads());
  main = task;
  await task;
} catch (error) {
  if (!isCancelledError(error)) throw error;
  say('stopped');
}
