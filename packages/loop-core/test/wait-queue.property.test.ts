import { realm } from '@aiokit/loop-core';
import { type Waiter, type WaitOptions, WaitQueue } from '@aiokit/loop-core/wait-queue';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { withLoop } from './wait-queue-loop.js';
import { Permit, TinyQueue, TinySemaphore } from './wait-queue-owners.js';
import { type Findings, type Program, program, Run, scopes } from './wait-queue-program.js';

/** Enough for every class of events; `AIOKIT_RUNS` may ask for more. */
const numRuns = Math.max(2000, fc.readConfigureGlobal().numRuns ?? 0);

const withoutScope = realm.scope;
beforeAll(() => {
  realm.scope = () => scopes.getStore() ?? null;
});
afterAll(() => {
  realm.scope = withoutScope;
});

/** Runs a program on a semaphore; whoever gets a permit keeps it for a while. */
const runSemaphore = (one: Program, make: (value: number) => TinySemaphore): Promise<Findings> =>
  withLoop(async (loop) => {
    const semaphore = make(one.size);
    const kept: (() => void)[] = [];
    let held = 0;
    const run: Run<Permit> = new Run<Permit>(
      loop,
      {
        queue: semaphore.queue,
        ask: (options, weight) => semaphore.acquire(options, weight),
        got({ ask: { weight, keepMs } }, permit) {
          held += weight;
          if (held > one.size) run.breaks('more is held than there is');
          const release = (): void => {
            const at = kept.indexOf(release);
            if (at < 0) return;
            kept.splice(at, 1);
            held -= weight;
            permit.release();
          };
          kept.push(release);
          loop.callLater(keepMs, release);
        },
        give: () => kept[0]?.(),
      },
      () => {
        const { queue, value } = semaphore;
        const granted = [...run.granted].reduce((sum, { weight }) => sum + weight, 0);
        if (value + held + granted + run.taking !== one.size) run.breaks('permits were lost or made');
        if (queue.first && value > 0 && queue.first.weight > value) run.events.add('a heavy one is first');
        const settled = queue.size === queue.live + run.granted.size;
        if (settled && queue.first && queue.first.weight <= value)
          run.breaks('somebody waits for what is free');
      },
    );
    await run.play(one);
    if (semaphore.value !== one.size) run.breaks('permits are missing at the end');
    return run;
  });

/** Runs a program on a queue of numbered items. */
const runQueue = (one: Program, make: () => TinyQueue<number>): Promise<Findings> =>
  withLoop(async (loop) => {
    const queue = make();
    const got: number[] = [];
    let put = 0;
    const give = (): void => queue.put(put++);
    const run: Run<number> = new Run<number>(
      loop,
      {
        queue: queue.queue,
        ask: (options) => queue.get(options),
        got: (_, item) => void got.push(item),
        give,
      },
      () => {
        const { items, reserved, queue: waiters } = queue;
        if (reserved !== run.granted.size) run.breaks('a turn was lost or made');
        if (got.length + run.taking + items.length !== put) run.breaks('items were lost or made');
        const settled = waiters.size === waiters.live + run.granted.size;
        if (settled && waiters.first && items.length > reserved)
          run.breaks('somebody waits for what is there');
      },
    );
    // Whoever waits to the end is served then.
    loop.callLater(500, () => {
      while (queue.queue.first) give();
    });
    await run.play(one);
    const left = queue.items;
    if (new Set([...got, ...left]).size !== put) run.breaks('items are missing at the end');
    const order = [...run.delivered, ...left];
    if (order.some((item, index) => item !== index)) run.breaks('items are out of order');
    return run;
  });

type Check = (one: Program) => Promise<Findings>;

const property = (check: Check, seen: (findings: Findings) => void = () => {}) =>
  fc.asyncProperty(program, async (one) => {
    const findings = await check(one);
    expect(findings.broken).toEqual([]);
    seen(findings);
  });

async function assertWithHistogram(check: Check, classes: readonly string[]): Promise<void> {
  const counts = new Map<string, number>();
  let runs = 0;
  await fc.assert(
    property(check, ({ events }) => {
      runs++;
      for (const event of events) counts.set(event, (counts.get(event) ?? 0) + 1);
    }),
    { numRuns },
  );
  const shares = classes.map((name) => [name, (100 * (counts.get(name) ?? 0)) / runs] as const);
  console.log(shares.map(([name, share]) => `${share.toFixed(1).padStart(5)} % ${name}`).join('\n'));
  expect(shares.filter(([, share]) => share < 1)).toEqual([]);
}

const CLASSES = [
  'no wait',
  'got after a wait, generator',
  'got after a wait, async',
  'got after a wait, plain',
  'CancelledError while waiting',
  'aborted while waiting',
  'TimeoutError while waiting',
  'abandoned while waiting',
  'granted, then CancelledError',
  'granted, then aborted',
  'granted, then TimeoutError',
  'granted, then abandoned',
];

describe('random programs', () => {
  test('WAIT-11.2 on a semaphore lose no permit and make none, overtake nobody, and forget nobody', async () => {
    const check: Check = (one) => runSemaphore(one, (value) => new TinySemaphore(value));
    const classes = [...CLASSES, 'a heavy one is first', 'a heavy one left a light one behind'];
    await expect(assertWithHistogram(check, classes)).resolves.toBe(undefined);
  });

  test('WAIT-11.3 on a queue lose no item and double none, keep the order, and forget nobody', async () => {
    const check: Check = (one) => runQueue(one, () => new TinyQueue<number>());
    await expect(assertWithHistogram(check, CLASSES)).resolves.toBe(undefined);
  });
});

/** A queue that serves the last who came. */
class LastFirst<T> extends WaitQueue<T> {
  override grant(): Waiter<T> | undefined {
    let last = this.first;
    for (let waiter = last; waiter; waiter = waiter.after) if (waiter.live()) last = waiter;
    if (!last) return undefined;
    last.grant();
    this.pass(last);
    return last;
  }
}

/** A queue that serves whom its owner likes. */
class Favouring<T> extends WaitQueue<T> {
  favourite: Waiter<T> | undefined;
  override grant(): Waiter<T> | undefined {
    const { favourite } = this;
    favourite?.grant();
    if (favourite) this.pass(favourite);
    return favourite;
  }
}

/** A queue whose waiters are changed before anybody has them. */
function changing<T>(
  change: (waiter: Waiter<T>) => void,
): new (
  owner: WaitQueue<T>['owner'],
) => WaitQueue<T> {
  return class extends WaitQueue<T> {
    override join(...args: Parameters<WaitQueue<T>['join']>): Waiter<T> {
      const waiter = super.join(...args);
      change(waiter);
      return waiter;
    }
  };
}

/** An abort that comes after the grant, or after a cancellation, changed. */
const LateAborts = changing<Permit>((waiter) => {
  const abort = waiter.abort.bind(waiter);
  waiter.abort = (reason) => {
    if (waiter.live()) abort(reason);
  };
});
const AbortsReplace = changing<Permit>((waiter) => {
  const abort = waiter.abort.bind(waiter);
  waiter.abort = (reason) => {
    if (!waiter.cancelled()) return abort(reason);
    waiter.called();
    waiter.cancelled = () => false;
    waiter.result = () => {
      throw reason;
    };
  };
});

/** A planted bug, and the rule that must be found to be broken. */
interface Mutant<C> {
  readonly rule: string;
  readonly type: C;
}

const semaphores: Record<string, Mutant<new (value: number) => TinySemaphore>> = {
  'keeps a turn that was given back': {
    rule: 'permits are missing at the end',
    type: class extends TinySemaphore {
      override passed(): void {}
    },
  },
  'gives a turn back twice': {
    rule: 'permits were lost or made',
    type: class extends TinySemaphore {
      override passed(waiter: Waiter<Permit>): void {
        super.passed(waiter);
        super.passed(waiter);
      }
    },
  },
  'does not look for the next when a heavy waiter leaves': {
    rule: 'somebody waits for what is free',
    type: class extends TinySemaphore {
      override left(): void {}
    },
  },
  'serves the last first': {
    rule: 'somebody was overtaken',
    type: class extends TinySemaphore {
      protected override makeQueue(): WaitQueue<Permit> {
        return new LastFirst<Permit>(this);
      }
    },
  },
  'forgets the listeners': {
    rule: 'a listener is left',
    type: class extends TinySemaphore {
      override acquire(options: WaitOptions = {}, weight?: number): Waiter<Permit> {
        const { signal } = options;
        const sticky = signal && {
          aborted: signal.aborted,
          reason: signal.reason,
          addEventListener: signal.addEventListener.bind(signal),
          removeEventListener: () => {},
        };
        return super.acquire({ ...options, signal: sticky }, weight);
      }
    },
  },
  'lets newcomers in before those who wait': {
    rule: 'somebody was overtaken',
    type: class extends TinySemaphore {
      protected override makeQueue(): WaitQueue<Permit> {
        return new Favouring<Permit>(this);
      }
      protected override isFree(weight: number): boolean {
        return this.value >= weight;
      }
      protected override serve(waiter: Waiter<Permit>): void {
        (this.queue as Favouring<Permit>).favourite = waiter;
        super.serve(waiter);
      }
    },
  },
  'counts a permit only when it is taken': {
    rule: 'more is held than there is',
    type: class extends TinySemaphore {
      override deliver(waiter: Waiter<Permit>): Permit {
        this.value -= waiter.weight;
        return super.deliver(waiter);
      }
      override passed(): void {
        this.wake();
      }
      protected override serve(): void {
        this.queue.grant();
      }
    },
  },
  'wakes one too few': {
    rule: 'somebody waits for what is free',
    type: class extends TinySemaphore {
      protected override wake(): void {
        const { first } = this.queue;
        if (first && first.weight <= this.value) this.serve(first);
      }
    },
  },
  'does not end who was granted when a signal aborts': {
    rule: 'given after an abort',
    type: class extends TinySemaphore {
      protected override makeQueue(): WaitQueue<Permit> {
        return new LateAborts(this);
      }
    },
  },
  'has an abort replace a cancellation': {
    rule: 'a cancellation was replaced',
    type: class extends TinySemaphore {
      protected override makeQueue(): WaitQueue<Permit> {
        return new AbortsReplace(this);
      }
    },
  },
  'waits longer than it was told to': {
    rule: 'given after the time limit',
    type: class extends TinySemaphore {
      override acquire(options: WaitOptions = {}, weight?: number): Waiter<Permit> {
        const { timeoutMs } = options;
        return super.acquire({ ...options, timeoutMs: timeoutMs && 2 * timeoutMs + 1 }, weight);
      }
    },
  },
  'releases permits twice': {
    rule: 'permits were lost or made',
    type: class extends TinySemaphore {
      override deliver({ weight }: Waiter<Permit>): Permit {
        let times = 0;
        const permit = new Permit(() => this.release(weight));
        const release = permit.release.bind(permit);
        permit.release = () => {
          release();
          if (times++ === 0) this.release(1);
        };
        return permit;
      }
    },
  },
};

const queues: Record<string, Mutant<new () => TinyQueue<number>>> = {
  'keeps a turn that was given back': {
    rule: 'a turn was lost or made',
    type: class extends TinyQueue<number> {
      override passed(): void {}
    },
  },
  'hands the item over with the grant': {
    rule: 'items were lost or made',
    type: class extends TinyQueue<number> {
      readonly #bound = new Map<Waiter<number>, number>();
      override deliver(waiter: Waiter<number>): number {
        this.reserved--;
        return this.#bound.get(waiter) as number;
      }
      protected override wake(): void {
        while (this.items.length > 0) {
          const waiter = this.queue.grant();
          if (!waiter) return;
          this.reserved++;
          this.#bound.set(waiter, this.items.shift() as number);
        }
      }
    },
  },
  'does not wake the next when a turn is given back': {
    rule: 'somebody waits for what is there',
    type: class extends TinyQueue<number> {
      override passed(): void {
        this.reserved--;
      }
    },
  },
  'gives the newest item': {
    rule: 'items are out of order',
    type: class extends TinyQueue<number> {
      override deliver(): number {
        this.reserved--;
        return this.items.pop() as number;
      }
    },
  },
  'gives an item to two': {
    rule: 'items were lost or made',
    type: class extends TinyQueue<number> {
      override deliver(): number {
        this.reserved--;
        return this.items.length % 3 === 1 ? (this.items[0] as number) : (this.items.shift() as number);
      }
    },
  },
  'serves the last first': {
    rule: 'somebody was overtaken',
    type: class extends TinyQueue<number> {
      override readonly queue: WaitQueue<number> = new LastFirst<number>(this);
    },
  },
};

describe('the properties find', () => {
  /** Whether some program breaks the rule. */
  async function finds(rule: string, check: Check): Promise<boolean> {
    const keeps = fc.asyncProperty(program, async (one) => !(await check(one)).broken.join().includes(rule));
    return (await fc.check(keeps, { numRuns: 2000, endOnFailure: true })).counterexample !== null;
  }

  test.each(Object.entries(semaphores))('WAIT-11.2 a semaphore that %s', async (_, { rule, type }) => {
    expect(await finds(rule, (one) => runSemaphore(one, (value) => new type(value)))).toBe(true);
  });

  test.each(Object.entries(queues))('WAIT-11.3 a queue that %s', async (_, { rule, type }) => {
    expect(await finds(rule, (one) => runQueue(one, () => new type()))).toBe(true);
  });
});
