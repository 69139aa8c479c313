/** What is printed on a signal. The signals are emitted here: that a process receives them is the host's. */
import { printOnSignal } from '@aiokit/debug';
import { type Coroutine, createTask, sleep } from '@aiokit/task';
import { expect, test } from 'vitest';
import { withDebug } from './with-debug.js';

/** A task that waits when the signals come. */
function during(body: () => void): (test: Parameters<Parameters<typeof withDebug>[0]>[0]) => void {
  return ({ loop }) => {
    createTask(
      function* (): Coroutine<void> {
        yield* sleep(10);
      },
      { name: 'sleeper' },
    );
    loop.callLater(5, body);
    loop.runUntilIdle();
  };
}

test('DEBUG-10 the tasks are printed on SIGQUIT and SIGUSR2, until it is ended', () =>
  withDebug((debugged) => {
    const counts = () => ['SIGQUIT', 'SIGUSR2'].map((signal) => process.listenerCount(signal));
    const before = counts();
    const end = printOnSignal();
    during(() => {
      process.emit('SIGUSR2');
      process.emit('SIGQUIT');
    })(debugged);
    const printed = debugged.takeWhole();
    expect(printed).toHaveLength(2);
    for (const text of printed) {
      expect(text).toMatch(/^the tasks that are pending:\n\(T\) sleeper {2}waits for <Sleep pending>/);
    }
    end();
    expect(counts()).toEqual(before);
    during(() => process.emit('SIGUSR2'))(debugged);
    expect(debugged.take()).toEqual([]);
  }));

test('DEBUG-10 other signals are left alone', () =>
  withDebug((debugged) => {
    const end = printOnSignal(['SIGHUP']);
    during(() => {
      process.emit('SIGUSR2');
      process.emit('SIGHUP');
    })(debugged);
    end();
    expect(debugged.take()).toEqual(['the tasks that are pending:']);
  }));

test.each([['SIGUSR2'], [[5]], [null]])('DEBUG-10 %j is refused', (signals) => {
  expect(() => printOnSignal(signals as never)).toThrow(/^signals must be names such as 'SIGUSR2', got /);
});
