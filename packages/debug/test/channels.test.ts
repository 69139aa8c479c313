/** Events on the host's diagnostics channels. */
import { channel, subscribe, unsubscribe } from 'node:diagnostics_channel';
import { publishEvents } from '@aiokit/debug';
import { realm, setEventLoop } from '@aiokit/loop-core';
import { type Coroutine, createTask, sleep } from '@aiokit/task';
import { expect, onTestFinished, test } from 'vitest';
import { WatchedVirtualLoop } from '../../loop-core/test/watched-loops.js';
import { withDebug } from './with-debug.js';

const NAMES = ['task:create', 'task:wait', 'task:cancel', 'task:end', 'step', 'warning'];

/** What is published while a test runs, with the tasks' names. */
function listen(names: readonly string[] = NAMES): string[] {
  const heard: string[] = [];
  for (const name of names) {
    const listener = (message: unknown) => {
      const { task, failed, kind, duration } = message as {
        task?: { getName(): string };
        failed?: boolean;
        kind?: string;
        duration?: number;
      };
      const took = duration === undefined || duration >= 0 ? '' : ` took ${duration}`;
      const what = task && name !== 'task:create' ? task.getName() : (kind ?? '');
      heard.push(`${name} ${what}${failed ? ' failed' : ''}${took}`);
    };
    subscribe(`aiokit:${name}`, listener);
    onTestFinished(() => void unsubscribe(`aiokit:${name}`, listener));
  }
  return heard;
}

function* sleeper(): Coroutine<void> {
  yield* sleep(5);
}

const life = ['task:create ', 'task:wait sleeper', 'step sleeper', 'task:end sleeper', 'step sleeper'];

test('DEBUG-13.1 in debug mode the life of a task is told, and what is warned of', () =>
  withDebug(({ loop, take }) => {
    const heard = listen();
    createTask(sleeper(), { name: 'sleeper' });
    loop.runUntilIdle();
    expect(heard.splice(0).filter((text) => text !== 'step ')).toEqual(life);
    const task = createTask(sleeper(), { name: 'cancelled' });
    loop.tick();
    task.cancel();
    loop.callLater(0.5, () => {});
    loop.runUntilIdle();
    expect(heard).toContain('task:cancel cancelled');
    expect(heard).toContain('task:end cancelled failed');
    expect(heard).toContain('warning seconds');
    expect(take()).toHaveLength(1);
  }));

test('DEBUG-13.2 outside debug mode it is told once it is wanted, until the last has ended it', () => {
  const loop = new WatchedVirtualLoop();
  setEventLoop(loop);
  onTestFinished(() => setEventLoop(null));
  const heard = listen(['task:end']);
  const run = () => {
    createTask(sleeper(), { name: 'sleeper' });
    loop.runUntilIdle();
    return heard.splice(0);
  };
  expect(run()).toEqual([]);
  const [end, other] = [publishEvents(), publishEvents()];
  expect(run()).toEqual(['task:end sleeper']);
  end();
  end();
  expect(run()).toEqual(['task:end sleeper']);
  other();
  expect(run()).toEqual([]);
  expect(realm.hooks).toBeUndefined();
});

test('DEBUG-13.3 where nobody listens nothing is published', () =>
  withDebug(({ loop }) => {
    const channels = NAMES.map((name) => channel(`aiokit:${name}`));
    expect(channels.map(({ hasSubscribers }) => hasSubscribers)).toEqual(NAMES.map(() => false));
    createTask(sleeper());
    loop.runUntilIdle();
  }));
