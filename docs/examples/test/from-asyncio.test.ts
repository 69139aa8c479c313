/** docs/guide/from-asyncio.md has every name of asyncio's, and the names that it gives for them are there. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as asyncio from 'aiokit';
import * as virtual from 'aiokit/virtual';
import { expect, test } from 'vitest';
import { root } from './code-blocks.ts';

const page = readFileSync(join(root, 'docs/guide/from-asyncio.md'), 'utf8');
const names = readFileSync(join(import.meta.dirname, 'asyncio-names.txt'), 'utf8')
  .trimEnd()
  .split('\n');

const namesIn = (cell = '') => [...cell.matchAll(/`([\w.]+)`/g)].map(([, name = '']) => name);
const rows = page
  .slice(page.indexOf('\n## Every name'))
  .split('\n')
  .filter((line) => /^\| [`–]/.test(line))
  .map((line) => line.split('|').map((cell) => cell.trim()));

const asyncioNames = rows.flatMap(([, cell]) => namesIn(cell));
const aiokitNames = rows.flatMap(([, , cell]) => namesIn(cell));

/** Types, which leave nothing at run time. */
const INTERFACES: Record<string, object> = {
  EventLoop: new asyncio.HostLoop(),
  Handle: new asyncio.HostLoop().callSoon(() => {}),
  TimerHandle: new asyncio.HostLoop().callLater(0, () => {}),
};

/** Objects that have what instances of a class have. */
function instanceOf(name: string): object {
  if (name === 'loop') return new asyncio.HostLoop();
  if (name === 'Queue') return new asyncio.Queue();
  if (name === 'Barrier') return new asyncio.Barrier(1);
  return INTERFACES[name] ?? (exported(name) as { prototype: object }).prototype;
}

const exported = (name: string): unknown => ({ ...virtual, ...asyncio })[name];

test('every public name of asyncio is in the tables once', () => {
  const known = names.map((name) => name.replace('AbstractEventLoop.', 'loop.'));
  expect([...asyncioNames].sort()).toEqual(known.sort());
});

test.each([...new Set(aiokitNames)])('%s is there', (name) => {
  const [owner = '', member] = name.split('.');
  const there = member === undefined ? (INTERFACES[name] ?? exported(name)) : member in instanceOf(owner);
  expect(there).toBeTruthy();
});
