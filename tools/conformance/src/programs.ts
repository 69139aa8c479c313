/** Random programs: most use a few kinds of things only, so that these meet more often. */
import fc from 'fast-check';
import type { Outside, Program, QueueSize, Source, Step, Steps } from './program.js';

type Arb<T> = fc.Arbitrary<T>;
type Weighted = fc.WeightedArbitrary<Step>;

const from = fc.constantFrom;
const numbered = (kind: string, most: number): Arb<string> => fc.nat(most).map((n) => `${kind}${n}`);
/** Mostly the first of a kind, so that there is a crowd. */
const crowded = (kind: string): Arb<string> => from(`${kind}0`, `${kind}0`, `${kind}0`, `${kind}1`);
const task = numbered('T', 5);
const future = crowded('F');
const name = fc.oneof({ weight: 3, arbitrary: task }, { weight: 2, arbitrary: future });
const names = fc.array(name, { minLength: 1, maxLength: 3 });
const delay = from(0, 0, 0, 1, 2, 3, 5, 8, 13);
const limit = from<number | null>(0, 0, 1, 2, 3, 5, 9, null);
const item = fc.nat(9);
const message = from<string | undefined>(undefined, 'a', 'b');
const mark = fc.nat(9);

const step = (weight: number, what: string, ...args: Arb<unknown>[]): Weighted => ({
  weight,
  arbitrary: fc.tuple(fc.constant(what), ...args).map(
    // An absent last argument is left out.
    (list) => (list.at(-1) === undefined ? list.slice(0, -1) : list) as unknown as Step,
  ),
});

const cancel = step(
  5,
  'cancel',
  fc.oneof({ weight: 5, arbitrary: task }, { weight: 1, arbitrary: future }),
  message,
);
const sleeps = step(6, 'sleep', delay);

/** Steps that are done at once, by the kind of thing that they are about. */
const QUICK: Readonly<Record<string, Weighted[]>> = {
  lock: [step(2, 'release', crowded('L')), step(1, 'poll', crowded('L'))],
  semaphore: [
    step(4, 'release', fc.oneof(crowded('S'), fc.constant('B0'))),
    step(1, 'poll', fc.oneof(crowded('S'), fc.constant('B0'))),
  ],
  event: [step(3, 'set', crowded('E')), step(2, 'clear', crowded('E')), step(1, 'poll', crowded('E'))],
  condition: [
    step(4, 'notify', crowded('C'), fc.nat(3)),
    step(2, 'notifyAll', crowded('C')),
    step(1, 'release', crowded('C')),
    step(2, 'set', numbered('E', 0)),
  ],
  barrier: [step(1, 'poll', fc.constant('W0'))],
  queue: [
    step(2, 'putNowait', crowded('Q'), item),
    step(1, 'getNowait', crowded('Q')),
    step(3, 'taskDone', crowded('Q')),
    step(1, 'shutdown', crowded('Q'), fc.boolean()),
  ],
  future: [
    step(3, 'setResult', future, item),
    step(2, 'setException', future, from('x', 'y')),
    step(2, 'callback', name),
    step(1, 'uncallback', name),
    step(2, 'poll', name),
    step(1, 'setResult', task, item),
  ],
  task: [
    step(1, 'cancelling'),
    step(1, 'uncancel'),
    step(1, 'poll', task),
    step(1, 'result', task),
    step(2, 'callback', task),
  ],
  time: [
    step(3, 'soon', mark),
    step(3, 'later', fc.oneof(delay, from(-1)), mark),
    step(2, 'drop', fc.nat(5)),
    step(1, 'crash', from('c')),
  ],
};

/** Steps that wake who waits. */
const WAKES: Readonly<Record<string, Weighted[]>> = {
  lock: [step(1, 'release', fc.constant('L0'))],
  semaphore: [step(1, 'release', from('S0', 'B0'))],
  event: [step(1, 'set', fc.constant('E0'))],
  condition: [step(3, 'notify', from('C0'), fc.nat(2)), step(1, 'release', from('C0'))],
  queue: [step(1, 'putNowait', from('Q0'), item), step(1, 'getNowait', from('Q0'))],
  future: [step(1, 'setResult', from('F0'), item)],
};

/** Steps that may wait. */
const WAITS: Readonly<Record<string, Weighted[]>> = {
  lock: [step(6, 'acquire', crowded('L'))],
  semaphore: [step(8, 'acquire', fc.oneof(crowded('S'), fc.constant('B0')))],
  event: [step(5, 'wait', crowded('E'))],
  condition: [
    step(1, 'acquire', crowded('C')),
    step(1, 'wait', crowded('C')),
    step(1, 'waitUntil', crowded('C'), from('E0')),
  ],
  barrier: [
    step(8, 'wait', fc.constant('W0')),
    step(2, 'reset', fc.constant('W0')),
    step(1, 'abort', fc.constant('W0')),
  ],
  queue: [step(7, 'put', crowded('Q'), item), step(6, 'get', crowded('Q')), step(2, 'join', crowded('Q'))],
  future: [step(4, 'await', future)],
  task: [step(4, 'await', task)],
  time: [step(6, 'sleep', delay)],
};

/** Steps that have steps in them. */
function blocks(kinds: readonly string[], inner: Arb<Steps>): Weighted[] {
  const source: Arb<Source> = fc.oneof<Arb<Source>[]>(name, inner, inner);
  const sources = fc.array(source, { maxLength: 3 });
  const made: Weighted[] = [
    step(3, 'try', from('errors', 'all', 'uncancel'), inner),
    step(1, 'create', inner),
  ];
  const held = (letter: string): void => {
    made.push(step(4, 'section', crowded(letter), inner), step(1, 'with', crowded(letter), inner));
  };
  if (kinds.includes('lock')) held('L');
  if (kinds.includes('semaphore')) held('S');
  if (kinds.includes('condition')) {
    held('C');
    const where = crowded('C');
    const within = (weight: number, ...steps: Arb<Step>[]): void => {
      const all = fc.tuple(where, ...steps);
      made.push({
        weight,
        arbitrary: all.map(
          ([of, ...rest]) => ['section', of, rest.map(([what, ...more]) => [what, of, ...more])] as Step,
        ),
      });
    };
    within(7, fc.constant(['wait']));
    within(2, fc.constant(['waitUntil', 'E0']));
    within(
      5,
      fc.nat(3).map((n): Step => ['notify', n]),
    );
  }
  if (kinds.includes('time') || kinds.includes('task')) {
    made.push(step(4, 'timeout', limit, inner), step(3, 'waitFor', limit, source));
    made.push({
      weight: 1,
      arbitrary: fc
        .tuple(limit, inner, limit, inner)
        .map(
          ([first, one, then, other]) =>
            ['timeout', first, [attempt(one), ['reschedule', then], ...other]] as Step,
        ),
    });
  }
  if (kinds.includes('task')) {
    made.push(
      step(3, 'gather', fc.boolean(), sources),
      step(2, 'some', from('FIRST_COMPLETED', 'FIRST_EXCEPTION', 'ALL_COMPLETED'), limit, names),
      step(2, 'shield', source),
      step(1, 'each', limit, names),
      step(1, 'eager', inner),
      step(2, 'raise', from('x', 'x', 'y', 'CancelledError')),
      step(1, 'child', inner),
    );
    made.push(groupOf(inner), step(1, 'group', fc.constant([child([['raise', 'x']])])));
    // A cancellation that was caught, and a group that fails afterwards.
    made.push({
      weight: 1,
      arbitrary: fc
        .tuple(inner, inner)
        .map(([one, then]) =>
          attempt([attempt(one), attempt([['group', [child([['raise', 'y']])]]]), ...then]),
        ),
    });
  }
  return made;
}

/** A group has children, and does something beside them. */
const groupOf = (inner: Arb<Steps>): Weighted => ({
  weight: 5,
  arbitrary: fc
    .tuple(fc.array(inner, { maxLength: 3 }), inner, fc.option(inner, { freq: 3 }))
    .map(
      ([children, own, late]) =>
        ['group', [...children.map(child), ...(late ? [attempt(own), child(late)] : own)]] as Step,
    ),
});

const child = (steps: Steps): Step => ['child', steps];
const attempt = (steps: Steps): Step => ['try', 'all', steps];

/** What wakes somebody, and then cancellations: one of them may be of who was woken. */
function burst(kinds: readonly string[]): Arb<Steps> {
  const wakes = kinds.flatMap((kind) => WAKES[kind] ?? []);
  const some = fc.array(cancel.arbitrary, { minLength: 1, maxLength: 3 });
  if (wakes.length === 0) return some;
  return fc.tuple(fc.oneof(...wakes), some).map(([wake, cancels]) => [wake, ...cancels]);
}

function stepsOf(kinds: readonly string[], depth: number): Arb<Steps> {
  const all = [sleeps, cancel];
  for (const kind of kinds) all.push(...(WAITS[kind] ?? []), ...(QUICK[kind] ?? []));
  if (depth > 0) all.push(...blocks(kinds, stepsOf(kinds, depth - 1)));
  const one = fc.oneof(...all).map((step): Steps => [step]);
  const list = fc.array(fc.oneof({ weight: 7, arbitrary: one }, { weight: 1, arbitrary: burst(kinds) }), {
    minLength: depth > 1 ? 1 : 0,
    maxLength: depth > 1 ? 5 : 3,
  });
  return list.map((parts) => parts.flat());
}

/** What happens from outside: cancellations mostly. */
function atOf(kinds: readonly string[]): Arb<Outside[]> {
  const all = [{ ...cancel, weight: 9 }];
  for (const kind of kinds) if (kind !== 'task') all.push(...(QUICK[kind] ?? []));
  const steps = fc.oneof(
    fc.oneof(...all).map((one): Steps => [one]),
    burst(kinds),
  );
  const some = fc.tuple(from(0, 0, 0, 1, 2, 3, 5), fc.nat(9), steps);
  return fc
    .array(
      some.map(([ms, count, rest]) => rest.map((one): Outside => [ms, count, ...one])),
      { maxLength: 4 },
    )
    .map((parts) => parts.flat());
}

const queue: Arb<QueueSize> = fc.tuple(from('fifo', 'fifo', 'lifo', 'priority'), from(0, 1, 1, 2));

function programs(kinds: readonly string[]): Arb<Program> {
  const tasks = fc.array(stepsOf(kinds, 2), { minLength: 1, maxLength: 5 });
  const has = <T>(kind: string, sizes: Arb<T>, count: number): Arb<T[] | undefined> =>
    kinds.includes(kind) ? fc.array(sizes, { minLength: count, maxLength: count }) : fc.constant(undefined);
  return fc.record({
    S: has('semaphore', from(0, 1, 1, 2), 2),
    B: has('semaphore', from(1, 2), 1),
    W: has('barrier', from(1, 2, 2, 3), 1),
    Q: has('queue', queue, 2),
    tasks,
    at: atOf(kinds),
  }) as Arb<Program>;
}

const THEMES: readonly (readonly [weight: number, ...kinds: string[]])[] = [
  [2, 'lock'],
  [2, 'lock', 'task', 'time'],
  [2, 'semaphore'],
  [1, 'semaphore', 'task'],
  [1, 'event', 'task'],
  [3, 'condition'],
  [1, 'condition', 'lock', 'time'],
  [2, 'barrier'],
  [1, 'barrier', 'task'],
  [3, 'queue'],
  [1, 'queue', 'task', 'time'],
  [2, 'future', 'task'],
  [5, 'task', 'time'],
  [1, 'time'],
  [2, 'lock', 'semaphore', 'event', 'condition', 'barrier', 'future', 'task', 'time'],
];

/** Any program. */
export const anyProgram: Arb<Program> = fc.oneof(
  ...THEMES.map(([weight, ...kinds]) => ({ weight, arbitrary: programs(kinds) })),
);
