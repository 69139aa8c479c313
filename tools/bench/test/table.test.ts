import { expect, test } from 'vitest';
import { blockOf } from '../src/table.mjs';

const workload = {
  name: 'work',
  title: 'some work',
  unit: 'piece',
  kind: 'time',
  peers: ['ours', 'theirs', 'gone'],
  points: [10],
};
const ratio = { median: 1.25, q1: 1.2, q3: 1.3, limit: 1, over: true };
const figures = {
  ours: { label: 'ours', median: 123.45 },
  theirs: { label: 'Theirs 1.0', median: 98.7, ratio },
  gone: { problem: 'not there yet' },
};

test('a block has a line for each peer and a column for each Node and mode', () => {
  const columns = [
    { node: { version: '20.1.0', major: 20, path: 'node' }, mode: 'plain' },
    { node: { version: '26.0.0', major: 26 }, mode: 'plain' },
  ];
  const rows = [{ workload: 'work', point: 10, major: 20, mode: 'plain', figures }];
  expect(blockOf(workload, rows, columns).split('\n')).toEqual([
    'work: some work (ns per piece)',
    '                Node 20.1.0 no store            Node 26.0.0 no store',
    '  ours                123.5                   not installed',
    '  Theirs 1.0           98.7 1.25 ±0.05 > 1 !  not installed',
    '  gone        not there yet                   not installed',
    '',
  ]);
});

test('a curve has a line for each number of operations, with its growth', () => {
  const columns = [{ node: { version: '20.1.0', major: 20, path: 'node' }, mode: 'plain' }];
  const at = (point: number, median: number, growth?: object) => ({
    workload: 'work',
    point,
    major: 20,
    mode: 'plain',
    figures: { ours: { label: 'ours', median, growth } },
  });
  const curve = { ...workload, peers: ['ours'], points: [10, 1000] };
  const rows = [at(10, 40), at(1000, 80, { median: 2, q1: 1.9, q3: 2.1 })];
  expect(blockOf(curve, rows, columns).split('\n').slice(2)).toEqual([
    '  ours, 10           40.0',
    '  ours, 1000         80.0 2.00 ±0.10',
    '',
  ]);
});
