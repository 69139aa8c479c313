/** What the umbrella re-exports: all that the packages have for users, and nothing of its own. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as future from '@aiokit/future';
import * as loopCore from '@aiokit/loop-core';
import * as virtual from '@aiokit/loop-core/virtual';
import * as queue from '@aiokit/queue';
import * as syncPrimitives from '@aiokit/sync-primitives';
import * as task from '@aiokit/task';
import * as threadsafe from '@aiokit/threadsafe';
import * as asyncio from 'aiokit';
import * as umbrellaVirtual from 'aiokit/virtual';
import { expect, test } from 'vitest';

const packages = {
  '@aiokit/future': future,
  '@aiokit/loop-core': loopCore,
  '@aiokit/queue': queue,
  '@aiokit/sync-primitives': syncPrimitives,
  '@aiokit/task': task,
  '@aiokit/threadsafe': threadsafe,
};

/** For makers of loops and primitives, who import loop-core itself. */
const MACHINERY = [
  'Abortable',
  'AbortSignalLike',
  'AiokitErrorOptions',
  'AsyncContextKeeper',
  'asyncContext',
  'AwaitableBase',
  'AwaitSteps',
  'CancellableWait',
  'checkSignal',
  'completed',
  'CompletedOwner',
  'completedVoid',
  'currentLoop',
  'defineError',
  'formatContext',
  'formatValue',
  'giveUp',
  'HostScheduler',
  'isErrorKind',
  'isNoCallback',
  'joinSignal',
  'leaveSignal',
  'LoopHooks',
  'makeCancelledError',
  'Realm',
  'WeakTasks',
  'realm',
  'refuse',
  'Runnable',
  'sameLoop',
  'succeed',
  'WaitScope',
];

/** The names that an index.ts exports, types too. */
function namesOf(folder: string): string[] {
  const source = readFileSync(join(import.meta.dirname, '../..', folder, 'src/index.ts'), 'utf8');
  return [...source.matchAll(/export (?:type )?\{([^}]*)\}/g)].flatMap(([, list = '']) =>
    list
      .split(',')
      .map((name) => name.replace(/\btype\b/, '').trim())
      .filter((name) => name !== ''),
  );
}

test('every name that a package has for users is there once, types included, and no other', () => {
  // A type that one package takes over from another is one.
  const names = [...new Set(Object.keys(packages).flatMap((name) => namesOf(name.replace('@aiokit/', ''))))];
  const forUsers = names.filter((name) => !MACHINERY.includes(name));
  // The type of the options of every wait, from a subpath that is for makers otherwise.
  expect(namesOf('aiokit').sort()).toEqual([...forUsers, 'WaitOptions'].sort());
  expect(names).toEqual(expect.arrayContaining(MACHINERY));
});

test('it re-exports every package that it depends on', () => {
  const manifest = readFileSync(join(import.meta.dirname, '../package.json'), 'utf8');
  const { dependencies } = JSON.parse(manifest) as { dependencies: Record<string, string> };
  expect(Object.keys(packages).sort()).toEqual(Object.keys(dependencies).sort());
});

test.each(Object.entries(packages))('what it has of %s is the same', (_name, exports) => {
  const shared = Object.entries(exports).filter(([name]) => name in asyncio);
  expect(shared.length).toBeGreaterThan(3);
  for (const [name, value] of shared) expect(asyncio[name as keyof typeof asyncio]).toBe(value);
});

test('its subpaths are those of loop-core', () => {
  expect(umbrellaVirtual).toEqual(expect.objectContaining({ VirtualLoop: virtual.VirtualLoop }));
  expect({ ...umbrellaVirtual }).toEqual({ ...virtual });
});
