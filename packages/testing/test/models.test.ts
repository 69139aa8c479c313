import { Queue } from '@aiokit/queue';
import { Barrier, Condition, Event, Lock, Semaphore } from '@aiokit/sync-primitives';
import {
  barrierModel,
  conditionModel,
  eventModel,
  lockModel,
  type Model,
  queueModel,
  semaphoreModel,
} from '@aiokit/testing/models';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

const commands = fc.array(fc.nat(999), { maxLength: 40 });

/** What fast-check says of a model that must hold. */
const failureOf = async (model: Model): Promise<string | undefined> =>
  fc.defaultReportMessage(await fc.check(fc.asyncProperty(commands, model), { numRuns: 60 }));

const broken = async (model: Model): Promise<string> => {
  const details = await fc.check(fc.asyncProperty(commands, model), { numRuns: 1000, seed: 1 });
  expect(details.failed).toBe(true);
  return String((details.errorInstance as Error | null)?.message).split('\n')[0] as string;
};

/** A lock on promises, with a bug if one is asked for. */
class PlainLock {
  held = false;
  readonly waiting: (() => void)[] = [];
  readonly bug: string | undefined;

  constructor(bug?: string) {
    this.bug = bug;
  }

  async acquire({ signal }: { signal?: AbortSignal } = {}): Promise<void> {
    if (!this.held) {
      this.held = this.bug !== 'forgets';
      return;
    }
    await new Promise<void>((resolve, reject) => {
      if (this.bug === 'stack') this.waiting.unshift(resolve);
      else this.waiting.push(resolve);
      signal?.addEventListener('abort', () => {
        const at = this.waiting.indexOf(resolve);
        if (at >= 0 && this.bug !== 'stale waiter') this.waiting.splice(at, 1);
        if (this.bug !== 'never settles') reject(new Error('aborted'));
      });
    });
  }

  release(): void {
    const next = this.waiting.shift();
    if (this.bug === 'all' && next) for (const one of this.waiting.splice(0)) one();
    if (next && this.bug !== 'lost wake-up') next();
    else this.held = this.bug === 'lost wake-up' && next !== undefined;
  }

  locked(): boolean {
    return this.bug === 'lies' ? false : this.held;
  }
}

class PlainQueue {
  readonly items: number[] = [];
  readonly getters: ((item: number) => void)[] = [];
  readonly bug: string | undefined;

  constructor(bug?: string) {
    this.bug = bug;
  }

  put(item: number): Promise<void> {
    const getter = this.getters.shift();
    if (getter) getter(item);
    else if (this.bug === 'stack') this.items.unshift(item);
    else if (this.bug !== 'drops' || this.items.length < 2) this.items.push(item);
    return Promise.resolve();
  }

  async get({ signal }: { signal?: AbortSignal } = {}): Promise<number> {
    const item = this.bug === 'twice' ? this.items[0] : this.items.shift();
    if (item !== undefined) return item;
    return new Promise((resolve, reject) => {
      this.getters.push(resolve);
      signal?.addEventListener('abort', () => {
        const at = this.getters.indexOf(resolve);
        if (at >= 0 && this.bug !== 'lost item') this.getters.splice(at, 1);
        reject(new Error('aborted'));
      });
    });
  }
}

describe('MODEL of this family’s primitives', () => {
  const signals = { signals: true };
  test('MODEL-2 Lock', async () => {
    expect(await failureOf(lockModel(() => new Lock(), signals))).toBeUndefined();
  });
  test('MODEL-3 Semaphore', async () => {
    expect(await failureOf(semaphoreModel((value) => new Semaphore(value), signals))).toBeUndefined();
  });
  test('MODEL-4 Event', async () => {
    expect(await failureOf(eventModel(() => new Event(), signals))).toBeUndefined();
  });
  test('MODEL-5 Condition', async () => {
    expect(await failureOf(conditionModel(() => new Condition(), signals))).toBeUndefined();
  });
  test('MODEL-6 Barrier', async () => {
    expect(await failureOf(barrierModel((parties) => new Barrier(parties)))).toBeUndefined();
  });
  test('MODEL-7 Queue', async () => {
    expect(await failureOf(queueModel((maxsize) => new Queue<number>(maxsize), signals))).toBeUndefined();
  });
  test('MODEL-7 Queue without a bound', async () => {
    expect(
      await failureOf(queueModel(() => new Queue<number>(), { ...signals, maxsize: Infinity })),
    ).toBeUndefined();
  });
});

describe('MODEL of an implementation on promises', () => {
  test('MODEL-1 passes, though it knows nothing of loops', async () => {
    expect(await failureOf(lockModel(() => new PlainLock(), { signals: true }))).toBeUndefined();
    expect(await failureOf(lockModel(() => new PlainLock()))).toBeUndefined();
    expect(
      await failureOf(queueModel(() => new PlainQueue(), { signals: true, maxsize: Infinity })),
    ).toBeUndefined();
  });

  test.each([
    ['forgets', 'locked() is false'],
    ['stack', 'not first come, first served'],
    ['stale waiter', /^locked\(\) is true$|^somebody waits/],
    ['never settles', /^acquire \d+ was aborted and never settles$/],
    ['all', /^\d hold 1$/],
    ['lost wake-up', 'somebody waits, and 1 are free'],
    ['lies', 'locked() is false'],
  ])('MODEL-2 a lock that is wrong is found out: %s', async (bug, message) => {
    expect(await broken(lockModel(() => new PlainLock(bug), { signals: true }))).toMatch(message);
  });

  test.each([
    ['stack', /^got /],
    ['drops', /^somebody waits for an item|^got|^qsize/],
    ['twice', /^got /],
    ['lost item', /^got |somebody waits for an item/],
  ])('MODEL-7 a queue that is wrong is found out: %s', async (bug, message) => {
    const model = queueModel(() => new PlainQueue(bug), { signals: true, maxsize: Infinity });
    expect(await broken(model)).toMatch(message);
  });

  test('MODEL-3 a semaphore that lets one more in', async () => {
    expect(await broken(semaphoreModel((value) => new Semaphore(value + 1)))).toBe('locked() is false');
    expect(await broken(semaphoreModel((value) => new Semaphore(value - 1)))).toBe(
      'somebody waits, and 1 are free',
    );
  });

  test('MODEL-4 an event that wakes one, or forgets those that were woken when it is cleared', async () => {
    class Late extends Event {
      override set(): void {
        queueMicrotask(() => super.set());
      }
    }
    expect(await broken(eventModel(() => new Late()))).toMatch(/^wait \d+ is pending$|^isSet/);
    class Deaf extends Event {
      override clear(): void {}
    }
    expect(await broken(eventModel(() => new Deaf()))).toMatch(/^wait \d+ is done$|^isSet/);
  });

  test('MODEL-5 a condition that notifies too few, or loses its lock', async () => {
    class Deaf extends Condition {
      override notify(n = 1): void {
        if (n < 2) super.notify(n);
      }
    }
    expect(await broken(conditionModel(() => new Deaf()))).toMatch(/somebody waits for it or was notified/);
    class None extends Condition {
      override notifyAll(): void {
        super.notify(1);
      }
    }
    expect(await broken(conditionModel(() => new None()))).toMatch(/was notified|left somebody waiting/);
    class Greedy extends Condition {
      override release(): void {
        if (this.statistics().waiting === 0) super.release();
      }
    }
    expect(await broken(conditionModel(() => new Greedy()))).toMatch(
      /somebody waits for it|hold the lock|lost/,
    );
  });

  test('MODEL-6 a barrier that lets pass too early', async () => {
    expect(await broken(barrierModel((parties) => new Barrier(parties - 1)))).toMatch(
      /^\d+ have come, \d+ have passed$/,
    );
    class Same extends Barrier {
      override wait() {
        const place = super.wait();
        return { then: (done: (value: number) => void) => place.then(() => done(0)) } as never;
      }
    }
    expect(await broken(barrierModel((parties) => new Same(parties)))).toMatch(
      /^\d+ have passed as number \d$/,
    );
  });
});
