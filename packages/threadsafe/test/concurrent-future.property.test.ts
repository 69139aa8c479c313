/** Every {await, block} × {cancel, abort, time-out} × {before, at the same time as, after} the outcome, in random programs. */
import { HostLoop } from '@aiokit/loop-core';
import { Future } from '@aiokit/future';
import { exposeLoop, type LoopPortal } from '@aiokit/threadsafe';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Caller, compileFixture, until } from './fixtures.js';

let loop: HostLoop;
let portal: LoopPortal;
const callers: Caller[] = [];
/** The calls that wait, and what each of them saw. */
const gates = new Map<number, Future<unknown>>();
const seen = new Map<number, string>();

const functions = {
  *gate(key: number) {
    const gate = new Future<unknown>({ loop });
    gates.set(key, gate);
    try {
      const value = yield* gate;
      seen.set(key, 'passed');
      return value;
    } finally {
      // Also where the gate was open, and the cancellation came before the step.
      if (!seen.has(key)) seen.set(key, 'cancelled');
    }
  },
  nothing: () => {},
};

const HOSTS = [
  { host: 'Node', options: {} },
  { host: 'a host whose blocked threads receive no messages', options: { withoutMessages: true } },
];

beforeAll(async () => {
  const program = await compileFixture('caller');
  loop = new HostLoop();
  portal = exposeLoop(loop, { functions });
  for (const { options } of HOSTS) callers.push(new Caller(program, portal.ticket(), options));
});

afterAll(async () => {
  loop.close();
  await Promise.all(callers.map((caller) => caller.end()));
});

let keys = 0;
type Wait = 'await' | 'block';
type Ending = 'cancel' | 'abort' | 'timeout';
type Moment = 'before' | 'same' | 'after';

const isCancelled = (outcome: unknown): boolean =>
  (outcome as { threw?: { code?: unknown } } | undefined)?.threw?.code === 'CANCELLED';
const isTimeout = (outcome: unknown): boolean =>
  (outcome as { threw?: { code?: unknown } } | undefined)?.threw?.code === 'TIMEOUT';
const isAborted = (outcome: unknown): boolean =>
  (outcome as { threw?: { message?: unknown } } | undefined)?.threw?.message === 'left';

/** Runs one cell; the outcome of the wait, and that of the call. */
async function play(caller: Caller, wait: Wait, ending: Ending, moment: Moment): Promise<unknown[]> {
  const key = ++keys;
  const as = `${key}`;
  await caller.obey({ call: 'gate', args: [key], as, then: 'keep' });
  await until(() => gates.has(key));
  const gate = gates.get(key) as Future<unknown>;
  const open = () => gate.done() || gate.setResult('through');
  const end = {
    as,
    then: ending === 'timeout' ? 'block' : ending,
    ...(ending === 'timeout' && { timeoutMs: 0 }),
  } as const;
  let told: Promise<unknown[]>;
  if (moment === 'after') {
    open();
    await until(() => seen.has(key));
    told = caller.obey({ as, then: wait }, end, { as, then: wait });
  } else {
    told = caller.obey(end, { as, then: wait }, { as, then: wait });
    if (moment === 'before' && ending !== 'timeout') await until(() => gate.done());
    open();
  }
  return told;
}

describe.each(HOSTS)('on $host', ({ options }) => {
  const cells = fc.record({
    wait: fc.constantFrom<Wait>('await', 'block'),
    ending: fc.constantFrom<Ending>('cancel', 'abort', 'timeout'),
    moment: fc.constantFrom<Moment>('before', 'same', 'after'),
  });

  test('THREAD-3.6 a call has one outcome, the same for all who ask, and it is what the loop saw', async () => {
    const caller = callers[HOSTS.findIndex((one) => one.options === options)] as Caller;
    const histogram = new Map<string, number>();
    await fc.assert(
      fc.asyncProperty(cells, async ({ wait, ending, moment }) => {
        const outcomes = await play(caller, wait, ending, moment);
        const [first, second] = moment === 'after' ? [outcomes[0], outcomes[2]] : outcomes.slice(1);
        expect(JSON.stringify(first)).toBe(JSON.stringify(second));
        const saw = seen.get(keys);
        const ended = ending === 'cancel' ? isCancelled(first) : ending === 'abort' && isAborted(first);
        expect(saw).toBe(ended ? 'cancelled' : 'passed');
        if (!ended) expect(first).toBe('through');
        // What comes too late changes nothing; what comes in time is done; a time limit ends the wait only.
        if (moment === 'after') expect(ended).toBe(false);
        if (moment === 'before') expect(ended).toBe(ending !== 'timeout');
        if (moment !== 'after' && ending === 'timeout')
          expect(isTimeout(outcomes[0]) || outcomes[0] === 'through').toBe(true);
        const cell = `${wait} ${ending} ${moment}`;
        histogram.set(cell, (histogram.get(cell) ?? 0) + 1);
      }),
      { numRuns: 400 },
    );
    expect(histogram.size).toBe(18);
    for (const count of histogram.values()) expect(count).toBeGreaterThan(4);
    expect(portal.pending).toBe(0);
  });
});
