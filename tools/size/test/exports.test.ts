import { expect, test } from 'vitest';
import { changes, complaints, measureAll, publicExports, readTable } from '../exports.mjs';

const size = (bytes: number) => ({ bytes, limit: bytes + 20 });

test('every public export fits the limit that the table gives it, and none is missing there', () => {
  expect(
    complaints(readTable(), measureAll()),
    'see `pnpm size`; `pnpm size --update` if it is meant',
  ).toEqual([]);
});

test('the exports of every package are found, its subpaths included', () => {
  const found = Object.fromEntries(publicExports());
  expect(found['@aiokit/queue']).toContain('Queue');
  expect(found['@aiokit/loop-core/virtual']).toContain('VirtualLoop');
  expect(found['@aiokit/queue/queue']).toBeUndefined();
});

test('a change shows both figures', () => {
  const before = { queue: { Queue: size(1000), LifoQueue: size(1100), gone: size(10) } };
  const after = { queue: { Queue: size(1010), LifoQueue: size(1100) }, lock: { Lock: size(500) } };
  expect(changes(before, after)).toEqual([
    '  queue Queue: 1000 → 1010 (+10)',
    '- queue gone: 10',
    '+ lock Lock: 500',
  ]);
});

test.each([
  ['grows within its limit', 1020, []],
  ['grows beyond it', 1021, ['  queue Queue: 1000 → 1021 (+21) over its limit']],
  ['shrinks', 500, []],
])('an export that %s', (_title, bytes, expected) => {
  expect(complaints({ queue: { Queue: size(1000) } }, { queue: { Queue: size(bytes) } })).toEqual(expected);
});
