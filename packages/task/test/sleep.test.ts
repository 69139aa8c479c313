import { isCancelledError, type Operation } from '@aiokit/loop-core';
import { createTask, sleep } from '@aiokit/task';
import { describe, expect, test } from 'vitest';
import { inBothHosts, inEveryForm } from './hosts.js';
import { play, playAsync, rejection, thrownBy, thrownIn } from './with-loop.js';

describe('sleep', () => {
  inEveryForm('SLEEP-1.1 waits for a time, and results in what it was given', function* (loop) {
    expect(yield* sleep(250)).toBe(undefined);
    expect(loop.time()).toBe(250);
    expect(yield* sleep(50, 'value')).toBe('value');
    expect(loop.time()).toBe(300);
  });

  inEveryForm('SLEEP-1.2 for 0 or less gives everything else its turn and takes no time', function* (loop) {
    const log: string[] = [];
    loop.callSoon(() => log.push('callback'));
    expect(yield* sleep(0, 'zero')).toBe('zero');
    expect(yield* sleep(-5)).toBe(undefined);
    expect(yield* sleep(-Infinity)).toBe(undefined);
    expect([log, loop.time()]).toEqual([['callback'], 0]);
  });

  test('SLEEP-1.3 what is no time is refused, and no timer is left', () =>
    play(function* () {
      for (const [value, name] of [
        [NaN, 'RangeError'],
        [Infinity, 'RangeError'],
        [undefined, 'TypeError'],
        [null, 'TypeError'],
        ['0', 'TypeError'],
        [[], 'TypeError'],
      ] as const) {
        const error = thrownBy(() => sleep(value as never));
        expect([error.name, error.message]).toEqual([
          name,
          expect.stringMatching(/^delayMs must be .*, got /),
        ]);
      }
      expect(thrownBy(() => sleep('5' as never)).message).toBe(
        "delayMs must be a number of milliseconds, got '5'",
      );
    }));

  test('SLEEP-1.4 ends at once when its task is cancelled, and its timer with it', () =>
    play(function* (loop) {
      const task = createTask(sleep(1000));
      yield* sleep(10);
      task.cancel('enough');
      expect(yield* thrownIn(task)).toMatchObject({ code: 'CANCELLED', message: 'enough' });
      expect(loop.time()).toBe(10);
    }));

  test('SLEEP-1.5 is an operation: it can be asked, cancelled, abandoned, and used', () =>
    play(function* () {
      const [done, cancelled, abandoned, used] = [sleep(5, 'x'), sleep(5), sleep(5), sleep(5)];
      expect(thrownBy(() => done.result())).toMatchObject({ name: 'InvalidStateError' });
      expect([done, cancelled].map(String)).toEqual(['<Sleep pending>', '<Sleep pending>']);
      expect([cancelled.cancel('no'), cancelled.cancel(), cancelled.done(), cancelled.cancelled()]).toEqual([
        true,
        false,
        true,
        true,
      ]);
      expect(thrownBy(() => cancelled.result())).toMatchObject({ code: 'CANCELLED', message: 'no' });
      abandoned.abandon();
      used[Symbol.dispose]();
      expect(yield* done).toBe('x');
      expect([done.cancelled(), done.cancel(), done.result()]).toEqual([false, false, 'x']);
      expect([done, cancelled, abandoned, used].map(String)).toEqual([
        '<Sleep done>',
        '<Sleep cancelled>',
        '<Sleep cancelled>',
        '<Sleep cancelled>',
      ]);
      const pause: Operation<string> = sleep(0, 'p');
      expect([pause.done(), pause.cancelled(), pause.cancel(), pause.result(), String(pause)]).toEqual([
        false,
        false,
        false,
        'p',
        '<Sleep pending>',
      ]);
      pause[Symbol.dispose]();
      expect(yield* pause).toBe('p');
    }));

  inBothHosts((host) => {
    test('SLEEP-1.6 in an async function, for each length', () =>
      playAsync(async (scope, loop) => {
        expect(await host.wait(scope, sleep(10, 'a'))).toBe('a');
        expect(await host.wait(scope, sleep(0, 'b'))).toBe('b');
        expect(loop.time()).toBe(10);
        const task = createTask(async (own) => host.wait(own, sleep(1000)));
        await host.wait(scope, sleep(1));
        task.cancel();
        expect(isCancelledError(await rejection(task))).toBe(true);
        const pausing = createTask(async (own) => host.wait(own, sleep(0)));
        await host.wait(scope, sleep(0));
        pausing.cancel();
        expect(isCancelledError(await rejection(pausing))).toBe(true);
      }));
  });
});

test('SLEEP-1.1 is no list: a spread of it is an error, and not without an end', () => {
  for (const delayMs of [0, 10]) {
    const pause = sleep(delayMs);
    expect(() => [...(pause as Iterable<unknown>)]).toThrow(expect.objectContaining({ code: 'NOT_AWAITED' }));
    pause.abandon();
  }
});
