/** The playground without a browser: what its buttons do. */
import { expect, test } from 'vitest';
import { Client, type WorkerLike } from '../playground/client.ts';
import { PRESETS } from '../playground/presets.ts';
import { answer } from '../playground/requests.ts';
import { usePlayground } from '../playground/use-playground.ts';

/** A worker on the same thread. */
const local = (): WorkerLike => ({
  onmessage: null,
  onerror: null,
  postMessage(request) {
    void answer(request).then((data) => this.onmessage?.({ data }));
  },
  terminate() {
    this.onmessage = null;
  },
});

const setUp = () => usePlayground(new Client(local, 60_000, () => () => {}));

test('it opens with the first preset, run in asyncio’s order', async () => {
  const play = setUp();
  await play.open('');
  expect(play.preset.value?.name).toBe(PRESETS[0]?.name);
  expect(play.verdict.value?.tone).toBe('right');
  expect(play.at.value).toBe(0);
  expect(play.busy.value).toBe('');
});

test('a failure is found, and shown at its last step', async () => {
  const play = setUp();
  await play.open('#preset=abba');
  await play.find();
  expect(play.verdict.value?.title).toMatch(/^deadlock/);
  expect(play.verdict.value?.lines.at(-1)).toMatch(/^Found at schedule \d+/);
  expect(play.at.value).toBe(play.moments.value.length - 1);
});

test('a search that finds nothing leaves the recording as it is', async () => {
  const play = setUp();
  await play.open('#preset=pipeline');
  const { value } = play.recording;
  await play.find();
  expect(play.verdict.value).toEqual({
    tone: 'right',
    title: expect.stringMatching(/^All \d+ schedules/),
    lines: [],
  });
  expect(play.recording.value).toBe(value);
});

test('steps stay within the recording', async () => {
  const play = setUp();
  await play.open('#preset=abba');
  const last = play.moments.value.length - 1;
  play.step(-1);
  expect(play.at.value).toBe(0);
  play.step(1);
  expect(play.sentence.value).toMatch(/^Step 2 of/);
  play.go(1000);
  expect(play.at.value).toBe(last);
  play.jump(-1);
  expect(play.at.value).toBeLessThan(last);
});

test('another answer to a choice is another run, at the same place', async () => {
  const play = setUp();
  await play.open('#preset=lost-wake-up');
  play.go(2);
  const [choice] = play.moment.value?.choices ?? [];
  await play.depart(choice?.at ?? 0, 1);
  expect(play.at.value).toBe(2);
  expect(play.moment.value?.who).toBe('kitchen');
  expect(play.verdict.value?.tone).toBe('wrong');
});

test('a link brings back the program, its schedule and its cancellations', async () => {
  const play = setUp();
  await play.choosePreset('lost-permit');
  play.text.value += '\n// mine';
  await play.find();
  const link = await play.link();
  const other = setUp();
  await other.open(`#${link}`);
  expect(other.text.value).toBe(play.text.value);
  expect(other.preset.value).toBeUndefined();
  expect(other.cancellations.value).toBe(1);
  expect(other.recording.value).toEqual(play.recording.value);
});

test('a link whose schedule is of another program says so, and shows asyncio’s order', async () => {
  const play = setUp();
  await play.open('#preset=pipeline&schedule=1.0.1jk.o2o.4');
  expect(play.verdict.value).toMatchObject({
    tone: 'problem',
    title: expect.stringContaining('has changed'),
  });
  expect(play.moments.value.length).toBeGreaterThan(0);
});

test('a changed program is stale until it is run', async () => {
  const play = setUp();
  await play.open('');
  play.text.value += '\n';
  expect(play.stale.value).toBe(true);
  expect(await play.link()).not.toContain('schedule=');
  await play.run();
  expect(play.stale.value).toBe(false);
});

test('a program that cannot be run is a problem, and the recording stays', async () => {
  const play = setUp();
  await play.open('');
  const { value } = play.recording;
  play.text.value = 'const';
  await play.run();
  expect(play.verdict.value?.tone).toBe('problem');
  expect(play.recording.value).toBe(value);
});

test('a token is replayed, with spaces around it', async () => {
  const play = setUp();
  await play.open('#preset=abba');
  await play.replay(' 1.0.1jk.o2o.4 ');
  expect(play.verdict.value?.title).toMatch(/^deadlock/);
});

test('what is stopped is a problem', async () => {
  const play = setUp();
  await play.open('');
  const run = play.run();
  play.stop();
  await run;
  expect(play.verdict.value).toEqual({ tone: 'problem', title: 'Stopped.', lines: [] });
  expect(play.busy.value).toBe('');
});

test('a request that took the place of another is shown as long as it lasts', async () => {
  const play = setUp();
  await play.open('');
  const run = play.run();
  const find = play.find();
  await run;
  expect(play.busy.value).toBe('searching');
  await find;
  expect(play.busy.value).toBe('');
});
