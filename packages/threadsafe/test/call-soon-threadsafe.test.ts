import { resetWarnings, setWarningFilter } from '@aiokit/debug';
import { HostLoop, realm, setLogger } from '@aiokit/loop-core';
import { callSoonThreadsafe } from '@aiokit/threadsafe';
import { afterEach, expect, test } from 'vitest';
import { until } from './fixtures.js';

const hostTurn = () => new Promise<void>(setImmediate);
const loops: HostLoop[] = [];

function makeLoop(): HostLoop {
  const loop = new HostLoop();
  loops.push(loop);
  return loop;
}

afterEach(() => {
  for (const loop of loops.splice(0)) loop.close();
  setLogger(null);
  resetWarnings();
});

test('THREAD-7.1 callSoonThreadsafe() wakes an idle loop, and its handle can be cancelled', async () => {
  const loop = makeLoop();
  await hostTurn();
  const log: number[] = [];
  callSoonThreadsafe(loop, (value) => log.push(value), 1);
  const handle = callSoonThreadsafe(loop, (value) => log.push(value), 2);
  loop.callSoonThreadsafe((value) => log.push(value), 3);
  handle.cancel();
  await until(() => log.length === 2);
  expect(log).toEqual([1, 3]);
});

test('THREAD-7.2 it refuses coroutines, what is no function or no loop, and a closed loop', () => {
  const loop = makeLoop();
  const text = 'coroutines cannot be used with callSoonThreadsafe()';
  expect(() => callSoonThreadsafe(loop, async () => {})).toThrow(new TypeError(text));
  expect(() => callSoonThreadsafe(loop, 1 as never)).toThrow(/^callback must be a function/);
  expect(() => callSoonThreadsafe({} as never, () => {})).toThrow(/^loop must be an event loop/);
  loop.close();
  expect(() => callSoonThreadsafe(loop, () => {})).toThrow(expect.objectContaining({ code: 'LOOP_CLOSED' }));
});

test('THREAD-7.3 in debug mode a callSoon() in a step of another loop is reported, callSoonThreadsafe() is not', async () => {
  const said: string[] = [];
  setLogger({ debug() {}, info() {}, error() {}, warn: (text: string) => void said.push(text) });
  setWarningFilter('wrong-thread', 'always');
  const one = makeLoop();
  const other = makeLoop();
  other.setDebug(true);
  one.callSoon(() => callSoonThreadsafe(other, () => {}));
  await hostTurn();
  expect(said).toEqual([]);
  one.callSoon(() => other.callSoon(() => {}));
  one.callSoon(() => other.callLater(0, () => {}));
  await until(() => said.length === 2);

  expect(said[0]).toMatch(/^Non-thread-safe operation invoked on an event loop other than the current one/);
  expect(realm.running).toBeUndefined();
});
