/** Runs of programs, as the playground shows them. */
import { replay } from '@aiokit/testing';
import { realm } from '@aiokit/loop-core';
import { expect, test } from 'vitest';
import { PRESETS } from '../playground/presets.ts';
import { CompiledProgram } from '../playground/program.ts';
import type { Moment } from '../playground/recording.ts';
import { record, search } from '../playground/run.ts';

const preset = (name: string): CompiledProgram =>
  new CompiledProgram(PRESETS.find((one) => one.name === name)?.text ?? '');

const steps = (moments: readonly Moment[]): string[] =>
  moments.map(({ atMs, who, what }) => `${atMs} ${who}: ${what}`);

const printed = (moments: readonly Moment[]): string[] =>
  moments.flatMap(({ atMs, printed: lines }) => lines.map((line) => `${atMs} ${line}`));

test('of each preset it is known whether a schedule breaks it', async () => {
  const found: Record<string, string | undefined> = {};
  for (const { name, text, cancellations } of PRESETS) {
    const { recording } = await search(new CompiledProgram(text), { schedules: 5000, cancellations });
    found[name] = recording?.wrong?.kind;
  }
  expect(found).toEqual({
    abba: 'deadlock',
    'lost-permit': 'deadlock',
    'lost-wake-up': 'deadlock',
    overdrawn: 'invariant',
    philosophers: 'deadlock',
    'future-callback': undefined,
    'future-cancel': undefined,
    event: undefined,
    queue: undefined,
    'queue-async': undefined,
    'chain-tasks': 'leak',
    pipeline: undefined,
  });
});

test('ABBA is right in asyncio’s order, and its deadlock is shown step by step', async () => {
  const fifo = await record(preset('abba'), { choices: [] });
  expect(fifo.wrong).toBeUndefined();
  const { recording } = await search(preset('abba'), { schedules: 5000, cancellations: 0 });
  expect(recording?.wrong?.waiting).toEqual([
    'rent waits for bob, held by lunch',
    'lunch waits for ann, held by rent',
  ]);
  expect(steps(recording?.moments ?? [])).toEqual([
    '0 rent: takes ann, sleeps until 2 ms',
    '0 lunch: sleeps until 1 ms',
    '1 (loop): wakes lunch',
    '1 lunch: takes bob, goes on',
    '1 lunch: waits for ann',
    '2 (loop): wakes rent',
    '2 rent: waits for bob',
  ]);
  expect(recording?.moments.at(-1)?.tasks).toEqual([
    { name: 'rent', state: 'waiting', detail: 'waits for bob', holds: ['ann'] },
    { name: 'lunch', state: 'waiting', detail: 'waits for ann', holds: ['bob'] },
  ]);
  expect(recording?.moments.at(-1)?.things).toEqual([
    { name: 'ann', text: '<Lock locked waiters=1>', waiters: ['lunch'], holders: ['rent'] },
    { name: 'bob', text: '<Lock locked waiters=1>', waiters: ['rent'], holders: ['lunch'] },
  ]);
});

test('the tutorial’s programs print what they print in asyncio', async () => {
  expect(printed((await record(preset('future-callback'), { choices: [] })).moments)).toEqual([
    '0 start operation',
    '0 operation1',
    '0 start operationsub',
    '200 operation2',
    '1000 operationsub11',
    '1000 operation is done!',
    '3200 operation3',
  ]);
  expect(printed((await record(preset('queue'), { choices: [] })).moments).slice(2, 6)).toEqual([
    '200 operation2',
    '200 queuedata: [start, 1, 2, 3]',
    '400 operation3',
    '400 queuedata: [next, 4, 5, 6]',
  ]);
});

test('async functions are told apart by their scopes', async () => {
  const { moments } = await record(preset('queue-async'), { choices: [] });
  expect(printed(moments)).toEqual([
    '0 start operationsub',
    '200 operation1',
    '200 queuedata: [start, 1, 2, 3]',
    '400 operation2',
    '400 queuedata: [next, 4, 5, 6]',
    '600 operation3',
    '600 queuedata: [stop, 7, 8, 9]',
    '600 operationsub11',
  ]);
  const waiting = moments.filter(
    ({ who, what }) => who === 'operationsub' && what.endsWith('waits for queue'),
  );
  expect(waiting.map(({ atMs }) => atMs)).toEqual([0, 200, 400]);
});

test('a step of an async function is one moment, in which is all that it did', async () => {
  const text = `import { sleep } from 'aiokit';
export default async function main() { await null; await sleep(5); await null; console.log('on'); }`;
  expect(steps((await record(new CompiledProgram(text), { choices: [] })).moments)).toEqual([
    '0 main: sleeps until 5 ms',
    '5 (loop): wakes main',
    '5 main: ends',
  ]);
});

test('who waits for a queue is shown at the queue, not at one of its sides', async () => {
  const { moments } = await record(preset('pipeline'), { choices: [] });
  expect(new Set(moments.flatMap(({ things }) => things.map(({ name }) => name)))).toEqual(
    new Set(['queue']),
  );
  expect(moments[0]?.things[0]?.waiters).toEqual(['main']);
  expect(moments[0]?.what).toBe('waits for queue');
});

test('a choice names what could have come, and another answer leads elsewhere', async () => {
  const fifo = await record(preset('lost-wake-up'), { choices: [] });
  expect(fifo.wrong).toBeUndefined();
  expect(fifo.moments[2]?.choices).toEqual([
    { at: 2, question: 'Next comes', options: ['customer', 'kitchen'], chosen: 0 },
  ]);
  const other = await record(preset('lost-wake-up'), { choices: [0, 0, 1] });
  expect(other.moments[2]?.who).toBe('kitchen');
  expect(other.wrong?.waiting).toEqual(['customer waits for bell']);
});

test('a cancellation is a step, and who holds what is kept', async () => {
  const { recording } = await search(preset('lost-permit'), { schedules: 5000, cancellations: 1 });
  const { moments } = recording ?? { moments: [] };
  expect(moments.some(({ what }) => what.includes('cancels Ann'))).toBe(true);
  expect(moments.at(-1)?.tasks).toEqual([
    { name: 'Ann', state: 'cancelled', detail: 'ends cancelled', holds: ['connections'] },
    { name: 'Bob', state: 'waiting', detail: 'waits for connections', holds: [] },
  ]);
});

test('what was released is held by nobody', async () => {
  const { moments } = await record(preset('lost-permit'), { choices: [] });
  expect(moments[0]?.things[0]?.holders).toEqual(['Ann']);
  expect(moments[3]?.what).toBe('releases connections, wakes Bob, ends');
  expect(moments.at(-1)?.things[0]?.holders).toEqual([]);
  expect(moments.at(-1)?.tasks.flatMap(({ holds }) => holds)).toEqual([]);
});

test('a token leads to the same run, here and in a test', async () => {
  const { recording } = await search(preset('abba'), { schedules: 5000, cancellations: 0 });
  const token = recording?.token ?? '';
  expect(await record(preset('abba'), { token })).toEqual(recording);
  expect((await replay(preset('abba').main(), token)).failure?.kind).toBe('deadlock');
});

test('a run in which nothing was wrong has a token too', async () => {
  const fifo = await record(preset('abba'), { choices: [] });
  expect(await record(preset('abba'), { token: fifo.token ?? '' })).toEqual(fifo);
});

test('the token of another program is refused', async () => {
  const { token = '' } = await record(preset('pipeline'), { choices: [] });
  await expect(record(preset('abba'), { token })).rejects.toThrow('the program has changed');
});

test('a run leaves no hooks behind', async () => {
  const { hooks } = realm;
  await record(preset('abba'), { choices: [] });
  expect(realm.hooks).toBe(hooks);
  expect([...(realm.closing ?? [])].length).toBeLessThan(5);
});

test('errors, invariants and checks of the end are what is wrong', async () => {
  const wrong = async (body: string) =>
    (await record(new CompiledProgram(`export default function* main(world) { ${body} }`), { choices: [] }))
      .wrong;
  expect(await wrong("throw new Error('broken');")).toMatchObject({
    kind: 'error',
    message: 'Error: broken',
  });
  expect(await wrong("world.invariant(() => false, 'never');")).toMatchObject({ message: 'Error: never' });
  expect(await wrong("world.atEnd(() => false, 'too late');")).toMatchObject({ message: 'Error: too late' });
  expect(await wrong('world.atEnd(() => true);')).toBeUndefined();
  expect(await wrong('while (true) yield;')).toMatchObject({ kind: 'livelock' });
});

test('a plain function that returns a promise is recorded once', async () => {
  const text = "export default (world) => (async () => { console.log('once'); })();";
  expect(printed((await record(new CompiledProgram(text), { choices: [] })).moments)).toEqual(['0 once']);
});

/** A preset with some of its text replaced, under every schedule. */
async function mended(
  name: string,
  ...replacements: [from: string, to: string][]
): Promise<string | undefined> {
  const { text = '', cancellations = 0 } = PRESETS.find((one) => one.name === name) ?? {};
  for (const [from] of replacements) expect(text).toContain(from);
  const program = replacements.reduce((left, [from, to]) => left.replaceAll(from, to), text);
  const { complete, recording } = await search(new CompiledProgram(program), {
    schedules: 50_000,
    cancellations,
  });
  return recording ? `${recording.wrong?.kind}: ${recording.wrong?.message}` : complete ? 'right' : 'not all';
}

test('what the presets say of their cures is so', async () => {
  const permit: [string, string][] = [
    [
      'yield* sleep(10); // the database answers',
      'try { yield* sleep(10); } finally { connections.release(); }',
    ],
    ['    connections.release();\n  }', '  }'],
  ];
  expect(await mended('lost-permit', ...permit)).toBe('right');
  const condition: [string, string][] = [
    ['type Coroutine, Event', 'type Coroutine, Condition'],
    ['new Event()', 'new Condition()'],
    ['yield* bell.wait();', 'yield* bell.with(function* () { yield* bell.waitFor(() => ready); });'],
    ['bell.set();', 'yield* bell.with(function* () { bell.notify(); });'],
    ['bell.clear();', ''],
  ];
  expect(await mended('lost-wake-up', ...condition)).toBe('right');
  expect(await mended('abba', ['transfer(bob, ann)', 'transfer(ann, bob)'])).toBe('right');
  const inOrder = ['create', 'write', 'close'].map((step): [string, string] => [
    `createTask(${step}(), { name: '${step}' })`,
    `yield* ${step}()`,
  ]);
  expect(await mended('chain-tasks', ...inOrder)).toBe('right');
  expect(
    await mended('future-cancel', ["if (!future.cancelled()) future.setResult('", "future.setResult('"]),
  ).toMatch(/^error: InvalidStateError/);
});
