import {
  type AiokitError,
  CancelledError,
  defineError,
  InvalidStateError,
  isCancelledError,
  isErrorKind,
  isInvalidStateError,
  isRuntimeError,
  isTimeoutError,
  makeCancelledError,
  realm,
  RuntimeError,
  TimeoutError,
} from '@aiokit/loop-core';
import { afterEach, describe, expect, test, vi } from 'vitest';

const KINDS = [
  [CancelledError, 'CancelledError', 'CANCELLED', isCancelledError],
  [InvalidStateError, 'InvalidStateError', 'INVALID_STATE', isInvalidStateError],
  [TimeoutError, 'TimeoutError', 'TIMEOUT', isTimeoutError],
  [RuntimeError, 'RuntimeError', 'RUNTIME', isRuntimeError],
] as const;

describe.each(KINDS)('%o', (type, name, code, isKind) => {
  test(`${name} has its name, its code, its message, its cause and a stack`, () => {
    const cause = new Error('cause');
    const error = new type('what happened', { cause });
    expect(error).toBeInstanceOf(Error);
    expect(error).toBeInstanceOf(type);
    expect([error.name, error.code, error.message, error.cause]).toEqual([
      name,
      code,
      'what happened',
      cause,
    ]);
    expect(String(error)).toBe(`${name}: what happened`);
    expect(error.stack).toContain('errors.test.ts');
    expect(type.name).toBe(name);
    expect([new type().message, 'cause' in new type()]).toEqual(['', false]);
  });

  test(`${name} is of its kind and of no other`, () => {
    const error = new type();
    const kinds = KINDS.filter(([, , , asked]) => asked(error)).map(([, kind]) => kind);
    expect(kinds).toEqual([name]);
    expect(isErrorKind(error, name)).toBe(true);
    expect(isErrorKind(error, 'Error')).toBe(false);
  });

  test(`${name} of another copy is known by its brand`, () => {
    const fake = { [Symbol.for(`aiokit.${name}`)]: true };
    expect(isKind(fake)).toBe(true);
    expect(isKind(Object.create(fake))).toBe(true);
    expect(isKind(Object.assign(new Error('fake'), fake))).toBe(true);
  });

  test(`${name} is not what has its name or its code only`, () => {
    const named = Object.assign(new Error('other'), { name, code });
    for (const other of [named, type, name, undefined, null, 0, {}, new Error(name)]) {
      expect(isKind(other)).toBe(false);
    }
  });
});

test('a code may be given to one error, which leaves the others alone', () => {
  const error = new RuntimeError('closed', { code: 'LOOP_CLOSED' });
  expect([error.code, error.name]).toEqual(['LOOP_CLOSED', 'RuntimeError']);
  expect(new RuntimeError().code).toBe('RUNTIME');
  expect(new RuntimeError('', {}).code).toBe('RUNTIME');
  expect(isRuntimeError(error)).toBe(true);
});

test('an error of another copy of the package is known, though its class is another', async () => {
  vi.resetModules();
  const copy = await import('@aiokit/loop-core');
  expect(copy.CancelledError).not.toBe(CancelledError);
  const theirs = new copy.CancelledError('theirs');
  expect(theirs).not.toBeInstanceOf(CancelledError);
  expect([isCancelledError(theirs), isTimeoutError(theirs)]).toEqual([true, false]);
  expect(copy.isCancelledError(new CancelledError())).toBe(true);
});

test('the platform’s TimeoutError is not ours', () => {
  expect(isTimeoutError(new DOMException('late', 'TimeoutError'))).toBe(false);
});

describe('defineError', () => {
  interface OwnError extends AiokitError {
    readonly code: 'OWN';
  }
  const OwnError = defineError<OwnError>('OwnError', 'OWN');
  const NarrowError = defineError('NarrowError', 'NARROW', OwnError);
  const NarrowestError = defineError('NarrowestError', 'NARROWEST', NarrowError);

  test('makes a class whose errors are of the kinds of its bases too', () => {
    const error = new NarrowestError('deep', { cause: 1 });
    for (const type of [NarrowestError, NarrowError, OwnError, Error]) expect(error).toBeInstanceOf(type);
    for (const kind of ['NarrowestError', 'NarrowError', 'OwnError'])
      expect(isErrorKind(error, kind)).toBe(true);
    expect([error.name, error.code, error.cause, NarrowestError.name]).toEqual([
      'NarrowestError',
      'NARROWEST',
      1,
      'NarrowestError',
    ]);
    expect(isErrorKind(new OwnError(), 'NarrowError')).toBe(false);
    expect([new OwnError().name, new OwnError().code, new NarrowError().code]).toEqual([
      'OwnError',
      'OWN',
      'NARROW',
    ]);
  });

  test('makes a class that others may extend', () => {
    class Handmade extends NarrowError {
      readonly detail = 1;
    }
    const error = new Handmade('made', { code: 'HAND' });
    expect([error.name, error.code, error.detail, error.message]).toEqual(['NarrowError', 'HAND', 1, 'made']);
    expect(isErrorKind(error, 'OwnError')).toBe(true);
  });

  test('takes the platform’s classes as a base', () => {
    const Own = defineError('OwnRangeError', 'OWN_RANGE', RangeError);
    const error = new Own('far');
    expect(error).toBeInstanceOf(RangeError);
    expect([error.name, error.code, String(error)]).toEqual([
      'OwnRangeError',
      'OWN_RANGE',
      'OwnRangeError: far',
    ]);
  });

  test('makes errors whose own keys are the message and what was given', () => {
    expect(Object.keys(new OwnError('text'))).toEqual([]);
    expect(JSON.stringify(new OwnError('text'))).toBe('{}');
  });
});

describe('makeCancelledError', () => {
  const limit = Error.stackTraceLimit;
  afterEach(() => {
    Error.stackTraceLimit = limit;
    realm.hooks = undefined;
  });
  const linesOf = (error: Error): string[] => String(error.stack).split('\n').slice(1);

  test('makes an error without a stack, and leaves the others theirs', () => {
    const error = makeCancelledError('why');
    expect(error).toBeInstanceOf(CancelledError);
    expect([error.message, error.code, linesOf(error)]).toEqual(['why', 'CANCELLED', []]);
    expect(Error.stackTraceLimit).toBe(limit);
    expect(linesOf(new Error('other'))).not.toEqual([]);
    expect(makeCancelledError().message).toBe('');
  });

  test('gives the limit back that was there', () => {
    for (const other of [0, 3, Infinity]) {
      Error.stackTraceLimit = other;
      makeCancelledError();
      expect(Error.stackTraceLimit).toBe(other);
    }
  });

  test('makes an error with a stack while debug’s hooks are there', () => {
    realm.hooks = {};
    expect(linesOf(makeCancelledError('why'))).not.toEqual([]);
  });

  test('needs no host that limits stacks', () => {
    Reflect.deleteProperty(Error, 'stackTraceLimit');
    expect(makeCancelledError('why')).toBeInstanceOf(CancelledError);
    expect('stackTraceLimit' in Error).toBe(false);
  });
});
