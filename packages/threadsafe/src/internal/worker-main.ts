/**
 * What a worker of an executor runs: it takes works over, one at a time and in order, and answers each. Bundled into
 * `worker-source.ts`, so that no bundler has to find a file; it imports no package, and shares `realm` by its key.
 */
import { recordOf } from './error-record.js';
import {
  type Answer,
  type Boot,
  CANCELLING,
  CANCEL_WORK,
  DONE,
  FAILED,
  type FunctionName,
  type FromExecutor,
  GAVE_FALSE,
  GAVE_NULL,
  GAVE_NUMBER,
  GAVE_TRUE,
  GAVE_UNDEFINED,
  LOOK,
  LOOK_THERE,
  QUEUED,
  READY,
  RUNNING,
  SKIPPED,
  TOLD,
  UNSENDABLE,
  WINDOW,
  type WorkItem,
  WorkMemory,
} from './work-messages.js';

interface Channel {
  post(message: Answer, transfer?: readonly object[]): void;
  receive(listener: (message: FromExecutor) => void): void;
}
interface Carried {
  run<R>(store: unknown, callback: () => R): R;
}
interface SharedRealm {
  work?: { readonly signal: AbortSignal; cancelled(): boolean } | undefined;
  transfers?: WeakMap<object, readonly object[]>;
  carried?: Map<string, Carried>;
}
interface WebWorker {
  postMessage(message: unknown, transfer?: readonly object[]): void;
  addEventListener(event: string, listener: (event: { data: FromExecutor }) => void): void;
  readonly navigator?: {
    readonly locks?: { request(name: string, callback: () => PromiseLike<void>): PromiseLike<unknown> };
  };
}
interface Threads {
  readonly parentPort: {
    postMessage(message: unknown, transfer?: readonly object[]): void;
    on(event: string, listener: (message: FromExecutor) => void): void;
  } | null;
}
interface HostProcess {
  getBuiltinModule?(id: string): unknown;
  send?(message: unknown): void;
  on(event: string, listener: (message: FromExecutor) => void): void;
  disconnect?(): void;
}

const KEY = Symbol.for('aiokit.realm/1');
const host = globalThis as unknown as { [KEY]?: SharedRealm; process?: HostProcess } & WebWorker;
const shared = (host[KEY] ??= {});

function findChannel(): Channel {
  const { process } = host;
  const port = (process?.getBuiltinModule?.('worker_threads') as Threads | undefined)?.parentPort;
  if (port) {
    return {
      post: (message, transfer) => port.postMessage(message, transfer),
      receive: (listener) => port.on('message', listener),
    };
  }
  if (process?.send) {
    // Nobody is left to work for, whatever still runs.
    process.on('disconnect', () => (process as unknown as { exit(): void }).exit());
    return {
      post: (message) => process.send?.(message),
      receive: (listener) => process.on('message', listener),
    };
  }
  return {
    post: (message, transfer) => host.postMessage(message, transfer ?? []),
    receive: (listener) => host.addEventListener('message', ({ data }) => listener(data)),
  };
}

let channel: Channel;
const modules = new Map<string, Record<string, unknown>>();
const functions: FunctionName[] = [];
const queue: WorkItem[] = [];
let words: Int32Array | undefined;
let numbers: Float64Array | undefined;
/** Not before the initialiser has ended. */
let busy = true;
/** The work at hand, and what aborts its signal. */
let current:
  | { readonly seq: number; controller?: AbortController; reason?: unknown; cancelled: boolean }
  | undefined;

const slotOf = (seq: number): number => seq % WINDOW;

const work = {
  get signal() {
    if (!current) return new AbortController().signal;
    if (!current.controller) {
      current.controller = new AbortController();
      if (current.cancelled) current.controller.abort(current.reason);
    }
    return current.controller.signal;
  },
  cancelled() {
    if (!current) return false;
    return current.cancelled || (!!words && Atomics.load(words, slotOf(current.seq)) === CANCELLING);
  },
};

function cancelWork(seq: number, message: string | undefined): void {
  const reason = Object.assign(new Error(message ?? 'the work was cancelled'), { name: 'AbortError' });
  const at = queue.findIndex((item) => item[0] === seq);
  if (at >= 0) {
    queue.splice(at, 1);
    fail(seq, reason);
  }
  if (current?.seq !== seq) return;
  current.cancelled = true;
  current.reason = reason;
  current.controller?.abort(current.reason);
}

/** Calls within the async contexts that the caller has sent along. */
function callWithin(stores: WorkItem[3], call: () => unknown): unknown {
  let within = call;
  for (const [name, store] of Object.entries(stores ?? {})) {
    const storage = shared.carried?.get(name);
    const inner = within;
    if (storage) within = () => storage.run(store, inner);
  }
  return within();
}

/** The state that says a result; undefined if it needs a message. */
function stateOf(value: unknown): number | undefined {
  if (value === undefined) return GAVE_UNDEFINED;
  if (value === null) return GAVE_NULL;
  if (typeof value === 'number') return GAVE_NUMBER;
  if (typeof value !== 'boolean') return undefined;
  return value ? GAVE_TRUE : GAVE_FALSE;
}

function answer(seq: number, value: unknown): void {
  const state = words && stateOf(value);
  if (words && numbers && state !== undefined) {
    const slot = slotOf(seq);
    if (state === GAVE_NUMBER) numbers[slot] = value as number;
    Atomics.store(words, slot, state);
    if (Atomics.exchange(words, LOOK, 1) === 0) channel.post([0, LOOK_THERE, undefined]);
    return;
  }
  if (words) Atomics.store(words, slotOf(seq), TOLD);
  const transfer = typeof value === 'object' && value ? shared.transfers?.get(value) : undefined;
  try {
    channel.post([seq, DONE, value], transfer);
  } catch (error) {
    channel.post([seq, UNSENDABLE, recordOf(error)]);
  }
}

function fail(seq: number, error: unknown): void {
  if (words) Atomics.store(words, slotOf(seq), TOLD);
  channel.post([seq, FAILED, recordOf(error)]);
}

function find(
  [module, name]: FunctionName,
  loaded: Record<string, unknown>,
): (...args: unknown[]) => unknown {
  const defaults = loaded['default'] as Record<string, unknown> | undefined;
  const found = loaded[name] ?? defaults?.[name];
  if (typeof found !== 'function') throw new TypeError(`${module} exports no function '${name}'`);
  return found as (...args: unknown[]) => unknown;
}

/** What the work gives; a promise if its module has to be loaded first, or it is asynchronous. */
function start([, at, args, stores]: WorkItem): unknown {
  const name = functions[at] as FunctionName;
  const call = (loaded: Record<string, unknown>) => {
    const work = find(name, loaded);
    return stores ? callWithin(stores, () => work(...args)) : work(...args);
  };
  const loaded = modules.get(name[0]);
  return loaded ? call(loaded) : load(name[0]).then(call);
}

async function load(module: string): Promise<Record<string, unknown>> {
  const loaded = (await import(module)) as Record<string, unknown>;
  modules.set(module, loaded);
  return loaded;
}

/** Takes the works of the queue one after another, without a turn of the host between those that are synchronous. */
function pump(): void {
  let skipped: number | undefined;
  for (let item = queue.shift(); item; item = queue.shift()) {
    const [seq] = item;
    if (words && Atomics.compareExchange(words, slotOf(seq), QUEUED, RUNNING) !== QUEUED) {
      skipped = seq;
      continue;
    }
    skipped = undefined;
    current = { seq, cancelled: false };
    try {
      const value = start(item) as PromiseLike<unknown> | null | undefined;
      if (typeof value?.then === 'function') {
        value.then(
          (result) => next(() => answer(seq, result)),
          (error) => next(() => fail(seq, error)),
        );
        return;
      }
      answer(seq, value);
    } catch (error) {
      fail(seq, error);
    }
    current = undefined;
  }
  busy = false;
  if (skipped !== undefined) channel.post([skipped, SKIPPED, undefined]);
}

function next(tell: () => void): void {
  current = undefined;
  tell();
  pump();
}

async function boot({ memory, lock, initializer, args }: Boot): Promise<void> {
  if (memory) ({ words, numbers } = new WorkMemory(memory));
  const locks = lock ? host.navigator?.locks : undefined;
  // Held until this thread ends, however it ends.
  if (locks) {
    await new Promise<void>((held) => {
      void locks.request(lock as string, () => {
        held();
        return new Promise(() => {});
      });
    });
  }
  try {
    if (initializer) await find(initializer, await load(initializer[0]))(...(args ?? []));
    channel.post([0, READY, undefined]);
    pump();
  } catch (error) {
    channel.post([0, FAILED, recordOf(error)]);
  }
}

function receive(message: FromExecutor): void {
  if (!Array.isArray(message)) return void boot(message as Boot);
  for (const part of message as Exclude<FromExecutor, Boot>) {
    if (part[0] === CANCEL_WORK) cancelWork(part[1] as number, part[2] as string | undefined);
    else if (typeof part[1] === 'string') functions[part[0]] = [part[1], part[2] as string];
    else queue.push(part as WorkItem);
  }
  if (busy || queue.length === 0) return;
  busy = true;
  pump();
}

/**
 * Begins to take works.
 *
 * @param own functions that are there without a module to load
 */
export function serve(own: Record<string, unknown> = {}): void {
  shared.work = work;
  modules.set('', own);
  channel = findChannel();
  channel.receive(receive);
}
