import { getLogger, HostLoop, type Logger, setLogger } from '@aiokit/loop-core';
import { VirtualLoop } from '@aiokit/loop-core/virtual';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { thrownBy } from './watched-loops.js';

afterEach(() => setLogger(null));

/** A logger that keeps what errors it is told of. */
function makeLogger(): { logger: Logger; errors: unknown[][] } {
  const errors: unknown[][] = [];
  const ignore = (): void => {};
  return {
    errors,
    logger: { debug: ignore, info: ignore, warn: ignore, error: (...report) => void errors.push(report) },
  };
}

test('is the console until another is set, and again after null', () => {
  expect(getLogger()).toBe(console);
  const { logger } = makeLogger();
  setLogger(logger);
  expect(getLogger()).toBe(logger);
  setLogger(null);
  expect(getLogger()).toBe(console);
});

test.each<[unknown, string]>([
  [undefined, 'logger must have a debug() method, got undefined'],
  [1, 'logger must have a debug() method, got 1'],
  [{}, 'logger must have a debug() method, got [object Object]'],
  [{ debug() {}, info() {}, error() {} }, 'logger must have a warn() method, got [object Object]'],
  [{ debug() {}, info() {}, warn() {}, error: 1 }, 'logger must have a error() method, got [object Object]'],
])('%j is refused, and the logger stays as it was', (bad, message) => {
  const { logger } = makeLogger();
  setLogger(logger);
  expect(thrownBy(() => setLogger(bad as Logger))).toEqual(new TypeError(message));
  expect(getLogger()).toBe(logger);
});

describe('LOOP-6.8 what a loop reports', () => {
  test('goes to the logger, as one text', () => {
    const { logger, errors } = makeLogger();
    setLogger(logger);
    const loop = new VirtualLoop();
    const error = new RangeError('far');
    loop.callLater(5, function guilty() {
      throw error;
    });
    loop.runUntilIdle();
    loop.close();
    expect(errors).toEqual([
      [['Exception in callback guilty()', 'handle: <TimerHandle when=5 guilty()>', error.stack].join('\n')],
    ]);
  });

  test('goes to the console otherwise', () => {
    const spy = vi.spyOn(console, 'error').mockImplementation(() => {});
    const loop = new VirtualLoop();
    loop.callExceptionHandler({ message: 'a message', detail: 5 });
    loop.close();
    expect(spy.mock.calls).toEqual([['a message\ndetail: 5']]);
    spy.mockRestore();
  });

  test('has what a handler was told of, when that throws', () => {
    const { logger, errors } = makeLogger();
    setLogger(logger);
    const loop = new HostLoop();
    const inHandler = new Error('in the handler');
    loop.setExceptionHandler(() => {
      throw inHandler;
    });
    loop.callExceptionHandler({ message: 'a message', exception: new Error('in the callback') });
    loop.close();
    expect(errors).toHaveLength(1);
    const text = String(errors[0]);
    expect(text.split('\n')[0]).toBe('Unhandled error in exception handler');
    expect(text).toMatch(/^context: .*a message.*in the callback/m);
    expect(text).toContain(inHandler.stack as string);
  });

  test('names what the default handler throws', () => {
    const { logger, errors } = makeLogger();
    setLogger(logger);
    const loop = new VirtualLoop();
    const error = new Error('in the default handler');
    loop.defaultExceptionHandler = () => {
      throw error;
    };
    loop.callExceptionHandler({ message: 'a message' });
    loop.setExceptionHandler(() => {
      throw new Error('in the handler');
    });
    loop.callExceptionHandler({ message: 'a message' });
    loop.close();
    expect(errors).toEqual([
      ['Exception in default exception handler', error],
      [
        'Exception in default exception handler while handling an unexpected error in custom exception handler',
        error,
      ],
    ]);
  });
});
