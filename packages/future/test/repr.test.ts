import { Future } from '@aiokit/future';
import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import { Driver } from './driver.js';
import { withLoop } from './with-loop.js';

function finished(value: unknown): string {
  const future = new Future<unknown>();
  future.setResult(value);
  return String(future);
}

function failed(exception: unknown): string {
  const future = new Future<unknown>();
  future.setException(exception);
  future.exception();
  return String(future);
}

function f(): void {}
function g(): void {}
function h(): void {}

describe('a future prints itself', () => {
  test.each([
    ['pending', () => {}, '<Future pending>'],
    ['finished', (future: Future<unknown>) => future.setResult(5), '<Future finished result=5>'],
    ['cancelled', (future: Future<unknown>) => void future.cancel('why'), '<Future cancelled>'],
  ])('FUT-10.1 as %s, by String and by inspect', (_, end, expected) =>
    withLoop(() => {
      const future = new Future<unknown>();
      end(future);
      expect(String(future)).toBe(expected);
      expect(inspect(future)).toBe(expected);
      expect(inspect({ future })).toBe(`{ future: ${expected} }`);
      expect(JSON.stringify({ future })).toBe(JSON.stringify({ future: expected }));
    }),
  );

  test('FUT-10.1 with what it failed with', () =>
    withLoop(() => {
      expect(failed(new RangeError())).toBe('<Future finished exception=RangeError()>');
      expect(failed(new RangeError('far'))).toBe("<Future finished exception=RangeError('far')>");
      expect(failed(new Error('x'.repeat(50)))).toBe(
        `<Future finished exception=Error('${'x'.repeat(50)}')>`,
      );
      expect(failed('text')).toBe("<Future finished exception='text'>");
    }));

  test('FUT-10.1 under the name of its class', () =>
    withLoop(() => {
      class Job extends Future<string> {}
      expect(String(new Job())).toBe('<Job pending>');
    }));
});

describe('the callbacks of a pending future', () => {
  test.each([
    [[f], 'cb=[f()]'],
    [[f, g], 'cb=[f(), g()]'],
    [[f, h, g], 'cb=[f(), <1 more>, g()]'],
    [[f, h, h, g], 'cb=[f(), <2 more>, g()]'],
    [[f, ...Array.from({ length: 98 }, () => h), g], 'cb=[f(), <98 more>, g()]'],
    [[(() => () => {})()], 'cb=[anonymous()]'],
  ])('FUT-10.2 are shown by name, the middle ones as a number: %#', (callbacks, expected) =>
    withLoop((loop) => {
      const future = new Future<number>();
      for (const callback of callbacks) future.addDoneCallback(callback);
      expect(String(future)).toBe(`<Future pending ${expected}>`);
      expect(inspect(future)).toBe(String(future));
      future.setResult(1);
      expect(String(future)).toBe('<Future finished result=1>');
      loop.tick();
    }),
  );

  test('FUT-10.2 include those who wait otherwise', () =>
    withLoop((loop) => {
      const future = new Future<number>();
      new Driver(
        loop,
        (function* () {
          yield* future;
        })(),
      );
      loop.tick();
      future.addDoneCallback(f);
      expect(String(future)).toBe('<Future pending cb=[Driver(), f()]>');
      future.setResult(1);
    }));
});

describe('a value in a repr', () => {
  class Point {}
  class Named {
    toString(): string {
      return '<Named>';
    }
  }
  test.each([
    [undefined, 'undefined'],
    [null, 'null'],
    [true, 'true'],
    [1.5, '1.5'],
    [10n, '10n'],
    [Symbol('s'), 'Symbol(s)'],
    ['', "''"],
    ["it's", "'it\\'s'"],
    ['a\\b', "'a\\\\b'"],
    ['a\nb', "'a\\nb'"],
    ['x'.repeat(28), `'${'x'.repeat(28)}'`],
    [f, 'f()'],
    [(() => () => {})(), 'anonymous()'],
    [new TypeError('no'), "TypeError('no')"],
    [[], '[]'],
    [[[[[[[[[1]]]]]]]], '[[[[[[[...]]]]]]]'],
    [[1, 'a', [2]], "[1, 'a', [2]]"],
    [[1, 2, 3, 4, 5, 6], '[1, 2, 3, 4, 5, 6]'],
    [[1, 2, 3, 4, 5, 6, 7], '[1, 2, 3, 4, 5, 6, ...]'],
    [{}, '{}'],
    [{ a: 1, b: 'text', c: [{}] }, "{a: 1, b: 'text', c: [{}]}"],
    [{ a: 1, b: 2, c: 3, d: 4 }, '{a: 1, b: 2, c: 3, d: 4}'],
    [{ a: 1, b: 2, c: 3, d: 4, e: 5 }, '{a: 1, b: 2, c: 3, d: 4, ...}'],
    [{ a: { a: { a: { a: { a: { a: {} } } } } } }, '{a: {a: {a: {a: {a: {a: {...}}}}}}}'],
    [new Date(0), '1970-01-01T00:00:00.000Z'],
    [new Date(Number.NaN), '<object>'],
    [Object.create(null), '<object>'],
    [new Point(), '<Point>'],
    [new Named(), '<Named>'],
  ])('FUT-10.3 is short and on one line: %#', (value, expected) =>
    withLoop(() => {
      expect(finished(value)).toBe(`<Future finished result=${expected}>`);
    }),
  );

  // What reprlib.repr gives in CPython 3.11.
  test.each([
    ['x'.repeat(29), "'xxxxxxxxxxxx...xxxxxxxxxxxxx'"],
    ['abcdefghijklmnopqrstuvwxyz0123456789', "'abcdefghijkl...xyz0123456789'"],
  ])('FUT-10.3 of more than 30 characters shows its beginning and its end: %#', (text, expected) =>
    withLoop(() => {
      expect(expected).toHaveLength(30);
      expect(finished(text)).toBe(`<Future finished result=${expected}>`);
    }),
  );

  test('FUT-10.3 that prints itself at length is shortened too', () =>
    withLoop(() => {
      const long = { toString: () => 'abcdefghijklmnopqrstuvwxyz0123456789' };
      expect(finished(long)).toBe('<Future finished result=abcdefghijklm...wxyz0123456789>');
      expect(finished(Buffer.alloc(2000, 'x')).length).toBeLessThan(60);
      expect(finished(new Uint8Array(2000)).length).toBeLessThan(60);
    }));

  test('FUT-10.4 may be the future itself, also by way of another', () =>
    withLoop(() => {
      const one = new Future<unknown>();
      one.setResult(one);
      expect(String(one)).toBe('<Future finished result=...>');
      const two = new Future<unknown>();
      const three = new Future<unknown>();
      two.setResult([three]);
      three.setResult(two);
      expect(String(two)).toBe('<Future finished result=[<Future finished result=...>]>');
      expect(String(two)).toBe(String(two));
      expect(() => two.setResult(1)).toThrow('FINISHED: <Future finished result=[<Future finished');
    }));

  test('FUT-10.4 whose own methods throw does no harm', () =>
    withLoop((loop) => {
      const hostile = {
        toString() {
          throw new Error('hostile');
        },
      };
      const error = new Error('x');
      Object.defineProperty(error, 'message', {
        get() {
          throw new Error('hostile');
        },
      });
      const proxy = new Proxy(
        {},
        {
          get() {
            throw new Error('hostile');
          },
        },
      );
      for (const value of [hostile, error, proxy]) {
        expect(finished(value)).toMatch(/^<Future finished result=.*>$/);
        const future = new Future();
        future.setException(value);
        expect(future.done()).toBe(true);
        expect(String(future)).toMatch(/^<Future finished exception=.*>$/);
        expect(future.exception()).toBe(value);
      }
      loop.tick();
    }));
});
