import { expect, test } from 'vitest';
import { Client, type WorkerLike } from '../playground/client.ts';
import type { Reply, Request } from '../playground/requests.ts';

const REQUEST: Request = { kind: 'search', text: '', schedules: 1, cancellations: 0 };

class FakeWorker implements WorkerLike {
  onmessage: ((event: { data: Reply }) => void) | null = null;
  onerror: ((event: { message?: string }) => void) | null = null;
  readonly asked: Request[] = [];
  ended = false;
  postMessage(request: Request): void {
    this.asked.push(request);
  }
  terminate(): void {
    this.ended = true;
  }
}

function setUp() {
  const workers: FakeWorker[] = [];
  const timers = new Set<() => void>();
  const client = new Client(
    () => {
      const worker = new FakeWorker();
      workers.push(worker);
      return worker;
    },
    10_000,
    (callback) => {
      timers.add(callback);
      return () => void timers.delete(callback);
    },
  );
  return { client, workers, timers };
}

test('one worker answers one request after the other', async () => {
  const { client, workers, timers } = setUp();
  for (let round = 0; round < 2; round++) {
    const reply = client.ask(REQUEST);
    expect(client.busy).toBe(true);
    workers[0]?.onmessage?.({ data: { problem: `answer ${round}` } });
    expect(await reply).toEqual({ problem: `answer ${round}` });
    expect(client.busy).toBe(false);
    expect(timers.size).toBe(0);
  }
  expect(workers).toHaveLength(1);
  expect(workers[0]?.asked).toHaveLength(2);
});

test('what takes too long is ended, and the next request has a new worker', async () => {
  const { client, workers, timers } = setUp();
  const reply = client.ask(REQUEST);
  for (const timer of timers) timer();
  expect((await reply).problem).toMatch(/^Stopped after 10 seconds/);
  expect(workers[0]?.ended).toBe(true);
  const next = client.ask(REQUEST);
  workers[1]?.onmessage?.({ data: {} });
  expect(await next).toEqual({});
});

test('stop() ends what is at work, and does no harm when nothing is', async () => {
  const { client, workers } = setUp();
  client.stop();
  const reply = client.ask(REQUEST);
  client.stop();
  expect(await reply).toEqual({ problem: 'Stopped.' });
  expect(workers[0]?.ended).toBe(true);
});

test('a second request takes the place of the first', async () => {
  const { client, workers } = setUp();
  const first = client.ask(REQUEST);
  const second = client.ask(REQUEST);
  expect(await first).toEqual({ problem: 'Another program was started.' });
  workers[1]?.onmessage?.({ data: {} });
  expect(await second).toEqual({});
});

test('a worker that cannot be loaded is a problem, not a hang', async () => {
  const { client, workers } = setUp();
  const reply = client.ask(REQUEST);
  workers[0]?.onerror?.({ message: 'no such file' });
  expect(await reply).toEqual({ problem: 'no such file' });
});
