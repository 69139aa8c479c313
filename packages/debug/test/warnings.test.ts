/** Filters of warnings, levels of the log, limits: each decides what is said. */
import {
  type DebugLimits,
  getDebugLimits,
  getLogLevel,
  getLoopLogger,
  resetWarnings,
  setDebugLimits,
  setLogLevel,
  setWarningFilter,
  trackResource,
} from '@aiokit/debug';
import { warn } from '@aiokit/debug/warnings';
import { getLogger, type Logger, realm, setLogger } from '@aiokit/loop-core';
import { VirtualLoop } from '@aiokit/loop-core/virtual';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { watchWarnings } from './watch-warnings.js';
import { withDebug } from './with-debug.js';

/** Sets the environment's filters until the end of the test. */
function inEnvironment(text: string): void {
  process.env.AIOKIT_WARNINGS = text;
  resetWarnings();
  onTestFinished(() => {
    delete process.env.AIOKIT_WARNINGS;
    resetWarnings();
  });
}

describe('DEBUG-4 filters', () => {
  const say = (): void => {
    for (const message of ['a', 'a', 'b']) warn('seconds', message);
    warn('self-wake', 'c');
  };

  test.each([
    ['default', ['a', 'b', 'c']],
    ['always', ['a', 'a', 'b', 'c']],
    ['once', ['a', 'c']],
    ['ignore', ['c']],
  ] as const)('DEBUG-4.1 %s', (action, said) => {
    const warnings = watchWarnings();
    setWarningFilter('seconds', action);
    say();
    expect(warnings).toEqual(said);
  });

  test('DEBUG-4.1 error tells the exception handler of the loop', () =>
    withDebug(({ loop, take }) => {
      setWarningFilter('RuntimeWarning', 'error');
      say();
      expect(loop.takeReports().map(({ message, kind }) => [message, kind])).toEqual([
        ['a', 'seconds'],
        ['a', 'seconds'],
        ['b', 'seconds'],
      ]);
      expect(take()).toEqual(['c']);
    }));

  test('DEBUG-4.2 the last that was set and fits counts; a category and * are groups', () => {
    const warnings = watchWarnings();
    setWarningFilter('seconds', 'always');
    setWarningFilter('*', 'ignore');
    say();
    expect(warnings.splice(0)).toEqual([]);
    setWarningFilter('DebugWarning', 'always');
    say();
    expect(warnings.splice(0)).toEqual(['c']);
    resetWarnings();
    say();
    expect(warnings).toEqual(['a', 'b', 'c']);
  });

  test('DEBUG-4.3 the environment sets them, the last that fits counts; what makes no sense is said', () => {
    const warnings = watchWarnings();
    inEnvironment('ignore,always::seconds,loud::seconds,ignore::nothing');
    say();
    expect(warnings.sort()).toEqual([
      "AIOKIT_WARNINGS: 'ignore::nothing' is no filter; it is left out",
      "AIOKIT_WARNINGS: 'loud::seconds' is no filter; it is left out",
      'a',
      'a',
      'b',
    ]);
  });

  test('DEBUG-4.4 a ResourceWarning is ignored outside debug mode', () => {
    const warnings = watchWarnings();
    const loop = new VirtualLoop();
    loop.callSoon(() => void trackResource({}, { name: 'socket' }));
    loop.runUntilIdle();
    loop.close();
    expect(warnings).toEqual([]);
  });

  test('DEBUG-4.5 a flood is cut to a hundred in a second, and counted', () => {
    const warnings = watchWarnings({ whole: true });
    const clock = vi.spyOn(performance, 'now').mockReturnValue(0);
    onTestFinished(() => clock.mockRestore());
    setWarningFilter('seconds', 'always');
    for (let round = 0; round < 1_000_000; round++) warn('seconds', 'again');
    expect(warnings).toHaveLength(100);
    clock.mockReturnValue(1000);
    warn('seconds', 'again');
    expect(warnings.at(-1)).toBe('again\n(999900 more of kind seconds were left out)');
  });

  test('DEBUG-4.6 what a logger does while it is told is not told', () => {
    const warnings: string[] = [];
    resetWarnings();
    setLogger({
      ...console,
      warn(text) {
        warnings.push(text);
        warn('seconds', `${text}, again`);
      },
    });
    onTestFinished(() => setLogger(null));
    warn('seconds', 'a');
    warn('seconds', 'b');
    expect(warnings).toEqual(['a', 'b']);
  });

  test.each([
    ['kind', 'socket', 'ignore'],
    ['kind', 5, 'ignore'],
    ['action', 'seconds', 'shout'],
  ])('DEBUG-4.7 a %s that there is not is refused: %s, %s', (argument, kind, action) => {
    expect(() => setWarningFilter(kind as never, action as never)).toThrow(
      new RegExp(`^${argument} must be `),
    );
  });
});

describe('DEBUG-5 the log', () => {
  function watchLog(): { readonly logged: string[]; readonly logger: Logger } {
    const logged: string[] = [];
    const method = (name: string) => (text: string) => void logged.push(`${name} ${text}`);
    const logger = {
      debug: method('debug'),
      info: method('info'),
      warn: method('warn'),
      error: method('error'),
    };
    setLogger(logger);
    onTestFinished(() => {
      setLogger(null);
      setLogLevel('info');
    });
    return { logged, logger };
  }

  test.each([
    ['debug', ['debug', 'info', 'warn', 'error']],
    ['info', ['info', 'warn', 'error']],
    ['warning', ['warn', 'error']],
    ['error', ['error']],
    ['silent', []],
  ] as const)('DEBUG-5.1 at level %s', (level, methods) => {
    const { logged } = watchLog();
    expect(getLogLevel()).toBe('info');
    const logger = getLogger();
    setLogLevel(level);
    for (const method of ['debug', 'info', 'warn', 'error'] as const) logger[method]('text');
    expect([getLogLevel(), logged]).toEqual([level, methods.map((method) => `${method} text`)]);
  });

  test('DEBUG-5.2 at level debug tells of a loop that is closed', () => {
    const { logged } = watchLog();
    setLogLevel('debug');
    const loop = new VirtualLoop();
    loop.setDebug(true);
    loop.close();
    expect(logged).toEqual(['debug Close <VirtualLoop running=false closed=false debug=true>']);
  });

  test('DEBUG-5.3 of a loop has its name; a logger that has children gives one', () => {
    const { logged, logger } = watchLog();
    const loop = new VirtualLoop();
    getLoopLogger(loop).warn('text');
    const fields: object[] = [];
    setLogger(Object.assign(logger, { child: (field: object) => (fields.push(field), logger) }));
    getLoopLogger(loop).info('more');
    getLoopLogger(loop).debug('less');
    expect(logged).toEqual(['warn aiokit.VirtualLoop: text', 'info more']);
    expect(fields[0]).toEqual({ name: 'aiokit.VirtualLoop' });
  });

  test('DEBUG-5.1 a level that there is not is refused', () => {
    expect(() => setLogLevel('loud' as never)).toThrow(RangeError);
    expect(getLogLevel()).toBe('info');
  });
});

describe('DEBUG-3 limits', () => {
  test.each([
    [{ longWaitMs: 0 }, 'longWaitMs must be a number above 0, got 0'],
    [{ longWaitMs: NaN }, 'longWaitMs must be a number above 0, got NaN'],
    [{ longWaitMs: '5' }, "longWaitMs must be a number, got '5'"],
    [{ waitMs: 5 }, 'limit must be one of '],
  ])('are checked, and stay as they were: %j', (changes, message) => {
    const before = { ...getDebugLimits() };
    expect(() => setDebugLimits({ starvedMs: 1, ...changes } as Partial<DebugLimits>)).toThrow(message);
    expect(getDebugLimits()).toEqual(before);
  });
});

describe('DEBUG-9 what goes wrong in debug itself', () => {
  test('a logger that throws is reported once, and the loop goes on', () =>
    withDebug(({ loop }) => {
      const errors: string[] = [];
      setLogger({
        ...console,
        warn() {
          throw new Error('disk full');
        },
        error: (text) => void errors.push(text),
      });
      for (const ms of [0.1, 0.2, 0.3]) loop.callLater(ms, () => realm.hooks?.after?.(loop, null));
      let ran = false;
      loop.callLater(1, () => {
        ran = true;
      });
      loop.runUntilIdle();
      expect(ran).toBe(true);
      expect(errors).toEqual(['debug: the hook duration has failed; it is reported once']);
    }));
});
