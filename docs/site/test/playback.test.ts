import { expect, test } from 'vitest';
import {
  departing,
  nextInstant,
  previousInstant,
  printedUpTo,
  rowsOf,
  sentenceOf,
} from '../playground/playback.ts';
import type { Moment } from '../playground/recording.ts';

const moment = (atMs: number, printed: string[] = []): Moment => ({
  atMs,
  who: 'main',
  what: 'goes on',
  printed,
  tasks: [],
  things: [],
  choices: [],
});
const moments = [moment(0, ['a']), moment(0), moment(5, ['b', 'c']), moment(5), moment(9)];

test('instants are jumped to at their first moment', () => {
  expect([0, 1, 2, 3, 4].map((at) => nextInstant(moments, at))).toEqual([2, 2, 4, 4, 4]);
  expect([0, 1, 2, 3, 4].map((at) => previousInstant(moments, at))).toEqual([0, 0, 0, 2, 2]);
});

test('a departure keeps what was chosen before it', () => {
  const recording = { moments, choices: [0, 2, 1], token: '', wrong: undefined, table: '' };
  expect(departing(recording, 1, 0)).toEqual([0, 0]);
});

test('a moment is a sentence', () => {
  expect(sentenceOf(moments, 2)).toBe('Step 3 of 5, 5 ms: main goes on');
  expect(sentenceOf([], 0)).toBe('Nothing has run.');
});

test('what was printed is known up to a moment', () => {
  expect(printedUpTo(moments, 1)).toEqual([{ atMs: 0, text: 'a' }]);
  expect(printedUpTo(moments, 2).map(({ text }) => text)).toEqual(['a', 'b', 'c']);
});

test('the rows are those of the last moment', () => {
  const task = { name: 'main', state: 'done', detail: '', holds: [] } as const;
  const thing = { name: 'lock', text: '<Lock>', waiters: [], holders: [] };
  expect(rowsOf([moment(0), { ...moment(1), tasks: [task], things: [thing] }])).toEqual({
    tasks: ['main'],
    things: ['lock'],
  });
  expect(rowsOf([])).toEqual({ tasks: [], things: [] });
});
