import { describe, expect, inject, test } from 'vitest';
import { OTHER_LOOP_CORE } from '../install.js';
import { LOADINGS, run } from './consumer.js';

describe.each(LOADINGS)('by %s', (loading) => {
  test.each(inject('installed'))('$name and its subpaths give the same values', ({ specifiers }) => {
    const differing = run(
      loading,
      `
      const [index, ...subpaths] = ${JSON.stringify(specifiers)};
      const main = await load(index);
      const differing = [];
      for (const specifier of subpaths) {
        for (const [name, value] of Object.entries(await load(specifier))) {
          if (name in main && !Object.is(main[name], value)) differing.push(specifier + ' ' + name);
        }
      }
      return differing;`,
    );
    expect(differing).toEqual([]);
  });

  test.each(inject('installed'))(
    '$name exports something, under the names that its classes have',
    ({ specifiers }) => {
      const [count, renamed] = run(
        loading,
        `
      const names = [];
      const renamed = [];
      for (const [name, value] of Object.entries(await load(${JSON.stringify(specifiers[0])}))) {
        names.push(name);
        if (typeof value === 'function' && /^[A-Z]/.test(name) && value.name !== name) renamed.push(value.name);
      }
      return [names.length, renamed];`,
      ) as [number, string[]];
      expect(count).toBeGreaterThan(0);
      expect(renamed).toEqual([]);
    },
  );

  test('import and require have one loop and one realm', () => {
    const found = run(
      loading,
      `
      const one = (await load('@aiokit/loop-core')).getEventLoop();
      const realm = globalThis[Symbol.for('aiokit.realm/1')];
      const two = (await otherLoad('@aiokit/loop-core')).getEventLoop();
      return [typeof one.callSoon, one === two, realm === globalThis[Symbol.for('aiokit.realm/1')]];`,
    );
    expect(found).toEqual(['function', true, true]);
  });

  test('two versions of loop-core run one queue', () => {
    const order = run(
      loading,
      `
      const one = await load('@aiokit/loop-core');
      const two = await load('${OTHER_LOOP_CORE}');
      if (one.getEventLoop === two.getEventLoop) return 'one copy';
      const order = [];
      const push = (text) => order.push(text);
      one.getEventLoop().callSoon(push, 'one');
      two.getEventLoop().callSoon(push, 'two');
      one.getEventLoop().callSoon(() => {
        push('one again');
        two.getEventLoop().callSoon(push, 'two, an iteration later');
        one.getEventLoop().callSoon(push, 'one, an iteration later');
      });
      two.getEventLoop().callSoon(push, 'two again');
      await new Promise((resolve) => setTimeout(resolve, 20));
      return order;`,
    );
    expect(order).toEqual([
      'one',
      'two',
      'one again',
      'two again',
      'two, an iteration later',
      'one, an iteration later',
    ]);
  });

  test('two versions of loop-core know each other’s errors', () => {
    const known = run(
      loading,
      `
      const one = await load('@aiokit/loop-core');
      const two = await load('${OTHER_LOOP_CORE}');
      const error = new one.CancelledError('enough');
      return [error instanceof two.CancelledError, two.isCancelledError(error), two.isTimeoutError(error)];`,
    );
    expect(known).toEqual([false, true, false]);
  });
});

test('import and require load one copy where Node can', () => {
  const text = `const one = await load('@aiokit/future'); return one.Future === (await otherLoad('@aiokit/future')).Future;`;
  expect(run('import', text)).toBe(true);
  expect(run('require', text)).toBe(true);
  expect(run('require, CommonJS only', text)).toBe(false);
});
