import { type ExceptionContext, formatContext, formatValue, HostLoop } from '@aiokit/loop-core';
import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import { runProgram } from './compliance/program.js';
import { Outcome } from './outcome.js';
import { WatchedVirtualLoop } from './watched-loops.js';

describe('formatValue', () => {
  function named(): void {}
  test.each<[string, unknown, string]>([
    ['text', 'text', "'text'"],
    ['empty text', '', "''"],
    ['a number', 5, '5'],
    ['null', null, 'null'],
    ['undefined', undefined, 'undefined'],
    ['a symbol', Symbol('mark'), 'Symbol(mark)'],
    ['a callback', named, '<Handle named()>'],
    ['a callback without a name', (() => () => {})(), '<Handle anonymous()>'],
    ['what prints itself', { toString: () => '<Task pending>' }, '<Task pending>'],
    ['an error', new RangeError('far'), 'RangeError: far'],
    ['a context', { message: 'm', exception: new Error('far') }, "{message: 'm', exception: Error: far}"],
  ])('LOOP-6.8 shows %s', (_, value, shown) => {
    expect(formatValue(value)).toBe(shown);
  });

  const hostile = (): never => {
    throw new Error('not so');
  };
  class Hostile {
    toString = hostile;
  }

  test.each([
    ['no prototype', Object.create(null)],
    ['a toString() that throws', new Hostile()],
    ['nothing but exceptions', new Proxy({}, { get: hostile, getPrototypeOf: hostile, ownKeys: hostile })],
  ])('LOOP-6.3 does not throw at what has %s', (_, value) => {
    expect(formatValue(value)).toBe('<object>');
  });

  test('LOOP-6.3 ends, though what it shows does not', { timeout: 90_000 }, () => {
    const program = `
      import { formatContext } from '@aiokit/loop-core';
      const endless = {};
      Object.assign(endless, { message: 'm', exception: endless, one: endless, list: [endless] });
      console.log(formatContext({ message: 'm', endless }).length < 10_000);
    `;
    expect(runProgram(program)).toEqual({ status: 0, printed: 'true\n' });
  });

  test('LOOP-6.8 shows handles as asyncio does', () => {
    const loop = new WatchedVirtualLoop();
    function sub11(...args: unknown[]): void {
      if (args.length > 2) throw new Error('far');
    }
    const timer = loop.callAt(5.5, sub11);
    const cancelled = loop.callAt(5.5, sub11);
    cancelled.cancel();
    const two = loop.callSoon(sub11, 1, 2);
    const twoCancelled = loop.callSoon(sub11, 1, 2);
    twoCancelled.cancel();
    expect([timer, cancelled, two, twoCancelled].map(formatValue)).toEqual([
      '<TimerHandle when=5.5 sub11()>',
      '<TimerHandle cancelled when=5.5>',
      '<Handle sub11()>',
      '<Handle cancelled>',
    ]);
    expect(formatValue(loop.callAt(1, (() => () => {})()))).toBe('<TimerHandle when=1 anonymous()>');
    loop.callSoon(sub11, 1, 2, 3);
    loop.callAt(7, () => {
      throw new Error('near');
    });
    loop.runUntilIdle();
    expect(loop.takeReports().map(({ handle }) => formatValue(handle))).toEqual([
      '<Handle sub11()>',
      '<TimerHandle when=7 anonymous()>',
    ]);
  });
});

describe('a handle as text', () => {
  test('LOOP-6.8 is as asyncio shows it, before, in and after its turn', () => {
    const loop = new WatchedVirtualLoop();
    const seen: string[] = [];
    function f(): void {
      seen.push(String(handle), String(later), inspect(other));
    }
    const handle = loop.callSoon(f);
    const cancelled = loop.callSoon(f);
    cancelled.cancel();
    const later = loop.callSoon((() => () => {})());
    const other = loop.callSoon(Math.max, 1, 2);
    expect([handle, cancelled, later].map(String)).toEqual([
      '<Handle f()>',
      '<Handle cancelled>',
      '<Handle anonymous()>',
    ]);
    expect([handle, cancelled, other].map((one) => inspect(one))).toEqual([
      '<Handle f()>',
      '<Handle cancelled>',
      '<Handle max()>',
    ]);
    loop.runUntilIdle();
    expect(seen).toEqual(['<Handle>', '<Handle anonymous()>', '<Handle max()>']);
    for (let round = 0; round < 3; round++) {
      expect([handle, cancelled, later].map(String)).toEqual(['<Handle>', '<Handle cancelled>', '<Handle>']);
      for (let index = 0; index < 5; index++) loop.callSoon(Math.min);
      loop.runUntilIdle();
    }
  });
});

describe('formatContext', () => {
  const error = new Error('far');
  error.stack = 'Error: far\n    at somewhere';

  test.each<[string, ExceptionContext, string[]]>([
    ['the message', { message: 'a message' }, ['a message']],
    ['a text where there is none', { message: '' }, ['Unhandled exception in event loop']],
    [
      'the other keys in order, one a line',
      { message: 'm', task: '<Task>', future: 5, handle: null },
      ['m', 'future: 5', 'handle: null', "task: '<Task>'"],
    ],
    ['no key without a value', { message: 'm', future: undefined }, ['m']],
    [
      'the stack at last',
      { message: 'm', exception: error, zoo: 1 },
      ['m', 'zoo: 1', 'Error: far', '    at somewhere'],
    ],
    ['what is no error as it is', { message: 'm', exception: 'a text' }, ['m', 'a text']],
    ['null as it is', { message: 'm', exception: null }, ['m', 'null']],
    [
      'where things were made',
      { message: 'm', sourceTraceback: '    at one\n    at two', handleTraceback: '    at three' },
      [
        'm',
        'handleTraceback: Handle created at (most recent call first):',
        '    at three',
        'sourceTraceback: Object created at (most recent call first):',
        '    at one',
        '    at two',
      ],
    ],
  ])('LOOP-6.8 shows %s', (_, context, lines) => {
    expect(formatContext(context).split('\n')).toEqual(lines);
  });

  test('LOOP-6.8 is what the default handler logs, and leaves the context as it was', () => {
    const loop = new HostLoop();
    const context = Object.freeze({ message: 'm', future: new Outcome(loop) });
    expect(formatContext(context)).toBe('m\nfuture: <Outcome pending>');
    loop.close();
  });
});
