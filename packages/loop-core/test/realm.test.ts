import { type Realm, realm, setLogger } from '@aiokit/loop-core';
import { expect, test } from 'vitest';
import { runProgram } from './compliance/program.js';
import { loadCopy } from './second-copy.js';

const KEY = Symbol.for('aiokit.realm/1');

test('is one record under a registered symbol, for all copies of the package', async () => {
  const record = (globalThis as { [KEY]?: Realm })[KEY];
  expect(record).toBe(realm);
  const copy = await loadCopy();
  expect(copy.realm).toBe(realm);
  const logger = { debug() {}, info() {}, warn() {}, error() {} };
  copy.setLogger(logger);
  expect(realm.logger).toBe(logger);
  setLogger(null);
  expect(copy.getLogger()).toBe(console);
});

test('keeps what another version has put there', { timeout: 60_000 }, () => {
  const program = `
    globalThis[Symbol.for('aiokit.realm/1')] = { fromTomorrow: 1, counters: { task: 7 } };
    const { realm, getEventLoop } = await import('@aiokit/loop-core');
    getEventLoop();
    console.log(realm.fromTomorrow, realm.counters.task, Object.keys(realm).sort().join());
  `;
  expect(runProgram(program)).toEqual({
    status: 0,
    printed: '1 7 context,counters,fromTomorrow,loop,spare,starred\n',
  });
});

test('is all that is left behind in the global scope', { timeout: 60_000 }, () => {
  const program = `
    const before = Reflect.ownKeys(globalThis);
    const { getEventLoop } = await import('@aiokit/loop-core');
    await import('@aiokit/loop-core/virtual');
    getEventLoop().callSoon(() => {});
    console.log(Reflect.ownKeys(globalThis).filter((key) => !before.includes(key)).map(String).join());
  `;
  expect(runProgram(program)).toEqual({ status: 0, printed: 'Symbol(aiokit.realm/1)\n' });
});
