import { type ExceptionContext, HostLoop, realm } from '@aiokit/loop-core';
import { sleep } from '@aiokit/task';
import { Future } from '@aiokit/future';
import {
  connect,
  exposeLoop,
  isBlockingNotAllowedError,
  type LoopPortal,
  type RemoteLoop,
} from '@aiokit/threadsafe';
import { afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { CLOSED, REPLIES, RESULT, WORDS } from '../src/internal/messages.js';
import { Caller, compileFixture, until } from './fixtures.js';

let program: string;
let loop: HostLoop;
let portal: LoopPortal;
let reports: ExceptionContext[];
let log: unknown[];
let callers: Caller[];
let gates: Future<unknown>[];
let stopping: Promise<void>;

/** Called functions; `gate` waits until the test opens it, and can be cancelled. */
const functions = {
  say: (...args: unknown[]) => void log.push(...args),
  plain: (value: unknown) => value,
  operation: (value: unknown) => {
    const future = new Future<unknown>({ loop });
    future.setResult(value);
    return future;
  },
  async: async (value: unknown) => {
    await sleep(0);
    return value;
  },
  *generator(value: unknown) {
    yield* sleep(0);
    return value;
  },
  *gate() {
    const gate = new Future<unknown>({ loop });
    gates.push(gate);
    try {
      return yield* gate;
    } finally {
      log.push(gate.cancelled() ? 'cancelled' : 'passed');
    }
  },
  fail: async () => {
    throw Object.assign(new RangeError('too far', { cause: new TypeError('inner') }), { code: 'E_FAR' });
  },
  throwNow: () => {
    throw new Error('now');
  },
  uncloneable: () => () => {},
  size: (data: ArrayBuffer) => data.byteLength,
  /** A plain function whose result comes when the test opens its gate. */
  later: () => {
    const gate = new Future<unknown>({ loop });
    gates.push(gate);
    return gate;
  },
  stop: (options: object) => void (stopping = portal.stop(options)),
};

const hostTurn = () => new Promise<void>(setImmediate);

function start(options?: object): Caller {
  const caller = new Caller(program, portal.ticket(), options);
  callers.push(caller);
  return caller;
}

/** A connection without a thread, for what needs none. */
const here = (): RemoteLoop => connect(portal.ticket());

beforeAll(async () => {
  program = await compileFixture('caller');
});

beforeEach(() => {
  log = [];
  callers = [];
  gates = [];
  reports = [];
  loop = new HostLoop();
  loop.setExceptionHandler((_, context) => void reports.push(context));
  portal = exposeLoop(loop, { functions });
});

afterEach(async () => {
  loop.close();
  await Promise.all(callers.map((caller) => caller.end()));
});

const HOSTS = [
  { host: 'Node', options: {} },
  { host: 'a host whose blocked threads receive no messages', options: { withoutMessages: true } },
];

test('THREAD-1.1 a worker connects by a ticket, and calls what was exposed', async () => {
  const one = start();
  const two = start();
  expect(await one.obey({ call: 'plain', args: [1] })).toEqual([1]);
  expect(await two.obey({ call: 'plain', args: [2] })).toEqual([2]);
});

test.each([
  ['loop', () => exposeLoop({} as HostLoop, { functions })],
  ['functions', () => exposeLoop(loop, {} as { functions: typeof functions })],
  ['functions.no', () => exposeLoop(loop, { functions: { no: 1 as never } })],
  ['ticket', () => connect({} as never)],
  ['signal', () => here().with({ signal: 1 as never })],
  ['transfer', () => here().with({ transfer: 1 as never })],
])('THREAD-1.2 a wrong %s is refused by name', (name, call) => {
  expect(call).toThrow(TypeError);
  expect(call).toThrow(new RegExp(`^${name} must be `));
});

describe.each(HOSTS)('on $host', ({ options }) => {
  test('THREAD-1.3 plain functions, async functions, coroutines and what can be awaited give results', async () => {
    const caller = start(options);
    const names = ['plain', 'operation', 'async', 'generator'];
    const value = { deep: [1, 'text'] };
    for (const then of ['block', 'await'] as const) {
      const commands = names.map((call) => ({ call, args: [value], then }));
      expect(await caller.obey(...commands)).toEqual([value, value, value, value]);
    }
  });

  test('THREAD-3.2 result() blocks, up to its time, and the call goes on', async () => {
    const caller = start(options);
    const [kept, late] = await caller.obey(
      { call: 'gate', as: 'gate', then: 'keep' },
      { as: 'gate', timeoutMs: 20 },
    );
    expect(kept).toBe('kept');
    expect(late).toMatchObject({ threw: { name: 'TimeoutError', code: 'TIMEOUT' } });
    const outcome = caller.obey({ as: 'gate' });
    gates[0]?.setResult('at last');
    expect(await outcome).toEqual(['at last']);
    expect(log).toEqual(['passed']);
  });

  test('THREAD-3.3 a cancellation ends the task on the loop, and then the future', async () => {
    const caller = start(options);
    const outcomes = await caller.obey(
      { call: 'gate', then: 'keep' },
      { call: 'plain', as: 'other' },
      { then: 'cancel' },
      { then: 'block' },
      { then: 'cancel' },
    );
    expect(log).toEqual(['cancelled']);
    expect(outcomes.slice(2)).toMatchObject([
      true,
      { threw: { name: 'CancelledError', message: 'enough' } },
      false,
    ]);
  });

  test('THREAD-3.4 an error arrives with class, message, code, cause and both stacks', async () => {
    const caller = start(options);
    for (const then of ['block', 'await'] as const) {
      const [outcome] = await caller.obey({ call: 'fail', then });
      expect(outcome).toMatchObject({
        threw: { name: 'RangeError', message: 'too far', code: 'E_FAR', cause: 'TypeError: inner' },
      });
      const { stack } = (outcome as { threw: Error }).threw;
      expect(stack).toMatch(/portal\.test\.ts[^]*called from another thread[^]*caller-/);
    }
  });

  test('THREAD-5.1 a loop that is closed ends every call, blocked or not', async () => {
    const caller = start(options);
    await caller.obey({ call: 'gate', as: 'kept', then: 'keep' });
    const outcome = caller.obey(
      { call: 'gate' },
      { as: 'kept' },
      { call: 'plain' },
      { call: 'say', then: 'soon' },
    );
    await until(() => gates.length === 2);
    loop.close();
    for (const one of await outcome) expect(one).toMatchObject({ threw: { name: 'RuntimeError' } });
    expect(portal.closed).toBe(true);
  });
});

test('THREAD-2.1 callSoonThreadsafe() calls in order, and what a callback throws goes to the exception handler', async () => {
  const caller = start();
  const soon = (value: number) => ({ call: 'say', args: [value], then: 'soon' as const });
  await caller.obey(soon(1), { call: 'throwNow', then: 'soon' }, soon(2), { call: 'plain' });
  expect(log).toEqual([1, 2]);
  expect(reports).toMatchObject([{ exception: { message: 'now' } }]);
});

test('THREAD-2.2 an unknown name is refused where it is called', () => {
  const remote = here();
  for (const name of ['nothing', 'toString', '__proto__']) {
    expect(() => remote.runCoroutineThreadsafe(name)).toThrow(/^name must be one of say, plain, .*, got '/);
    expect(() => remote.callSoonThreadsafe(name)).toThrow(TypeError);
  }
});

test('THREAD-2.3 coroutines cannot be used with callSoonThreadsafe()', () => {
  const text = 'coroutines cannot be used with callSoonThreadsafe()';
  expect(() => here().callSoonThreadsafe('generator')).toThrow(new TypeError(text));
  expect(() => here().callSoonThreadsafe('async')).toThrow(new TypeError(text));
});

test('THREAD-2.4 what cannot be cloned is a TypeError: arguments at the call, results in the future', async () => {
  const remote = here();
  expect(() => remote.runCoroutineThreadsafe('plain', () => {})).toThrow(
    /^the arguments of 'plain' must be what/,
  );
  expect(() => remote.callSoonThreadsafe('say', Symbol('no'))).toThrow(TypeError);
  await hostTurn();
  expect(portal.pending).toBe(0);
  const failed = remote.runCoroutineThreadsafe('uncloneable').then(null, String);
  expect(await failed).toMatch(/^TypeError: the result must be what structured cloning can copy/);
});

test('THREAD-2.5 what is transferred moves', async () => {
  const data = new ArrayBuffer(8);
  const remote = here().with({ transfer: [data] });
  expect(await remote.runCoroutineThreadsafe('size', data)).toBe(8);
  expect(data.byteLength).toBe(0);
});

class CountedLoop extends HostLoop {
  wakes = 0;

  protected override arm(): void {
    this.wakes++;
    super.arm();
  }
}

test('THREAD-2.6 a burst wakes the loop once per batch, not per call', async () => {
  const counted = new CountedLoop();
  const remote = connect(exposeLoop(counted, { functions }).ticket());
  const calls = 10_000;
  for (let call = 0; call < calls; call++) remote.callSoonThreadsafe('say', call);
  await until(() => log.length === calls);
  expect(log).toEqual(Array.from({ length: calls }, (_, at) => at));
  expect(counted.wakes).toBeGreaterThan(0);
  expect(counted.wakes).toBeLessThan(calls / 100);
  counted.close();
});

test('THREAD-2.7 a loop or a future is refused as an argument', () => {
  const remote = here();
  const future = new Future<void>({ loop });
  expect(() => remote.runCoroutineThreadsafe('plain', 1, future)).toThrow(
    /^argument 1 is a Future, which belongs to/,
  );
  expect(() => remote.callSoonThreadsafe('say', loop)).toThrow(/^argument 0 is a HostLoop, which belongs to/);
});

test('THREAD-2.8 in debug mode a primitive as an argument is reported', async () => {
  const said: string[] = [];
  realm.hooks = { warn: (kind, message) => void said.push(`${kind}: ${message}`) };
  try {
    class Lock {
      readonly taken = false;
      acquire(): void {}
    }
    expect(await here().runCoroutineThreadsafe('plain', new Lock())).toEqual({ taken: false });
  } finally {
    realm.hooks = undefined;
  }
  expect(said).toEqual([
    expect.stringMatching(/^wrong-thread: argument 0 is a Lock, which belongs to this thread/),
  ]);
});

test('THREAD-3.1 a concurrent future is a future: await, yield*, callbacks, a task that waits for it', async () => {
  const remote = here();
  const future = remote.runCoroutineThreadsafe<number>('async', 1);
  const seen: unknown[] = [];
  future.addDoneCallback((done) => seen.push(done.result()));
  expect(await future).toBe(1);
  await hostTurn();
  expect(seen).toEqual([1]);
  expect(future.result()).toBe(1);
  expect(future.exception()).toBe(null);
  expect(future.cancel()).toBe(false);
});

test('THREAD-3.5 a signal cancels the call, and the future fails with its reason', async () => {
  const controller = new AbortController();
  const remote = here().with({ signal: controller.signal });
  const future = remote.runCoroutineThreadsafe('gate').then(null, (error: unknown) => error);
  await until(() => gates.length === 1);
  const reason = new Error('left');
  controller.abort(reason);
  expect(await future).toBe(reason);
  expect(log).toEqual(['cancelled']);
  expect(await remote.runCoroutineThreadsafe('plain', 1).then(null, (error: unknown) => error)).toBe(reason);
  expect(portal.pending).toBe(0);
});

test("THREAD-4.1 blocking is refused on the loop's own thread", async () => {
  const future = here().runCoroutineThreadsafe('plain', 1);
  expect(() => future.result()).toThrow(/^this is the loop's own thread, which must answer: use await$/);
  try {
    future.exception();
  } catch (error) {
    expect(isBlockingNotAllowedError(error)).toBe(true);
  }
  expect(() => future.result({ timeoutMs: 0 })).toThrow(expect.objectContaining({ code: 'TIMEOUT' }));
  expect(() => future.result({ timeoutMs: Number.NaN })).toThrow(
    /^timeoutMs must be a number of milliseconds/,
  );
  expect(await future).toBe(1);
});

test.each<[string, string, unknown, RegExp]>([
  ['THREAD-4.2 in a window', 'document', {}, /^a window's thread may not block/],
  [
    'THREAD-4.3 without shared memory',
    'SharedArrayBuffer',
    undefined,
    /Cross-Origin-Opener-Policy: same-origin and Cross-Origin-Embedder/,
  ],
])('%s blocking is refused, and await works', async (_title, name, value, text) => {
  vi.stubGlobal(name, value);
  try {
    const ticket = portal.ticket();
    const future = connect({ ...ticket, thread: 'another' }).runCoroutineThreadsafe('plain', 1);
    expect(() => future.result()).toThrow(text);
    expect(await future).toBe(1);
  } finally {
    vi.unstubAllGlobals();
  }
});

test('THREAD-4.4 blocking is refused in a step of a loop of the same thread', async () => {
  const future = connect({ ...portal.ticket(), thread: 'another' }).runCoroutineThreadsafe('plain', 1);
  const refused = await new Promise((resolve) => {
    loop.callSoon(() => {
      try {
        future.result();
      } catch (error) {
        resolve(error);
      }
    });
  });
  expect(String(refused)).toMatch(/^BlockingNotAllowedError: a loop of this thread is running/);
});

test('THREAD-5.1 an outcome that was sent before the end counts, whenever a blocked caller looks', async () => {
  const { port1, port2 } = new MessageChannel();
  const words = new Int32Array(new SharedArrayBuffer(WORDS * 4));
  const remote = connect({ port: port2, words, functions: { plain: 0 }, thread: 'another' });
  const future = remote.runCoroutineThreadsafe('plain', 1);
  const { load } = Atomics;
  const looks = vi.spyOn(Atomics, 'load').mockImplementation(((of: Int32Array, at: number) => {
    if (at === CLOSED && load(of, CLOSED) === 0) {
      port1.postMessage([1, RESULT, 'through']);
      Atomics.add(words, REPLIES, 1);
      Atomics.store(words, CLOSED, 1);
    }
    return load(of, at);
  }) as typeof Atomics.load);
  try {
    expect(future.result()).toBe('through');
  } finally {
    looks.mockRestore();
    port1.close();
  }
});

test('THREAD-5.2 a message that cannot be read settles its call, and an outcome that cannot all of them', async () => {
  const ticket = portal.ticket();
  const remote = connect(ticket);
  const port = ticket.port as {
    emit(event: string, value: unknown): void;
    postMessage(message: unknown): void;
  };
  // What is no request counts as one.
  port.postMessage([99]);
  await until(() => reports.length === 1);
  expect(reports).toMatchObject([{ message: 'a message from another thread could not be read' }]);
  const pending = [remote.runCoroutineThreadsafe('gate'), remote.runCoroutineThreadsafe('gate')];
  port.emit('messageerror', new Error('no'));
  for (const one of pending) {
    expect(await one.then(null, (error: unknown) => error)).toMatchObject({ code: 'UNREADABLE' });
  }
  expect(await remote.runCoroutineThreadsafe('plain', 1)).toBe(1);
});

test('THREAD-5.3 the portal forgets a thread that has died, and what it began goes on', async () => {
  const caller = start();
  await caller.obey({ call: 'gate', then: 'keep' });
  expect(portal.pending).toBe(1);
  await caller.end();
  await until(() => portal.pending === 0);
  gates[0]?.setResult(1);
  await until(() => log.length > 0);
  expect(log).toEqual(['passed']);
});

test('THREAD-5.4 the end of the thread of the loop ends every call', async () => {
  const ticket = portal.ticket();
  const remote = connect(ticket);
  const future = remote.runCoroutineThreadsafe('gate');
  await until(() => gates.length === 1);
  (ticket.port as { emit(event: string): void }).emit('close');
  expect(await future.then(null, (error: unknown) => error)).toMatchObject({ code: 'THREAD_ENDED' });
  expect(() => remote.runCoroutineThreadsafe('plain')).toThrow(
    expect.objectContaining({ code: 'THREAD_ENDED' }),
  );
});

test('THREAD-5.5 a connection that is given up ends its calls here, and keeps no thread alive', async () => {
  const remote = here();
  const future = remote.runCoroutineThreadsafe('gate');
  remote.close();
  expect(await future.then(null, (error: unknown) => error)).toMatchObject({ code: 'PORTAL_CLOSED' });
  expect(remote.closed).toBe(true);
  expect(portal.closed).toBe(false);
});

test('THREAD-6.1 stop() refuses new calls, waits for those at work, and closes', async () => {
  const remote = here();
  const plain = remote.runCoroutineThreadsafe('plain', 1);
  const gate = remote.runCoroutineThreadsafe('gate');
  await until(() => gates.length === 1);
  let stopped = false;
  const stopping = portal.stop().then(() => {
    stopped = true;
  });
  const late = remote.runCoroutineThreadsafe('plain', 2).then(null, (error: unknown) => error);
  expect(await late).toMatchObject({ code: 'PORTAL_CLOSED' });
  expect(stopped).toBe(false);
  gates[0]?.setResult('through');
  await stopping;
  expect([await plain, await gate]).toEqual([1, 'through']);
  expect(portal.closed).toBe(true);
  await until(() => remote.closed);
  expect(() => remote.callSoonThreadsafe('say')).toThrow(expect.objectContaining({ code: 'PORTAL_CLOSED' }));
});

test('THREAD-6.2 stop({ cancelRemaining: true }) cancels them', async () => {
  const gate = here().runCoroutineThreadsafe('gate');
  await until(() => gates.length === 1);
  await portal.stop({ cancelRemaining: true });
  expect(await gate.then(null, String)).toMatch(/^CancelledError/);
  expect(log).toEqual(['cancelled']);
});

test('THREAD-6.1 stop() waits for what a plain function returns that had not begun', async () => {
  const remote = here();
  remote.callSoonThreadsafe('stop', {});
  const later = remote.runCoroutineThreadsafe('later').then(null, (error: unknown) => error);
  await until(() => gates.length === 1);
  for (let turns = 0; turns < 5; turns++) await hostTurn();
  expect(portal.closed).toBe(false);
  gates[0]?.setResult('through');
  await stopping;
  expect(await later).toBe('through');
});

test('THREAD-6.2 stop({ cancelRemaining: true }) cancels what a plain function returns that had not begun', async () => {
  const remote = here();
  remote.callSoonThreadsafe('stop', { cancelRemaining: true });
  const later = remote.runCoroutineThreadsafe('later').then(null, String);
  expect(await later).toMatch(/^CancelledError/);
  await stopping;
  expect(gates[0]?.cancelled()).toBe(true);
});

test('THREAD-6.3 a stopped portal makes no tickets, and refuses options that make no sense', async () => {
  await expect(portal.stop({ cancelRemaining: 1 as never })).rejects.toThrow(
    /^cancelRemaining must be true or false/,
  );
  expect(portal.closed).toBe(false);
  await portal.stop();
  expect(() => portal.ticket()).toThrow(expect.objectContaining({ code: 'PORTAL_CLOSED' }));
});
