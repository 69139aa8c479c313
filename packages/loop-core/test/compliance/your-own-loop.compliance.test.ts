/** The framework of `docs/examples/your-own-loop`: its loop complies, and a primitive works on it. */
import '../../../../docs/examples/your-own-loop/compliance.js';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setEventLoop } from '@aiokit/loop-core';
import { afterEach, describe, expect, test } from 'vitest';
import { Mutex } from '../../../../docs/examples/your-own-loop/mutex.js';
import { PriorityLoop } from '../../../../docs/examples/your-own-loop/priority-loop.js';

const docs = join(import.meta.dirname, '../../../../docs');

function play(loop: PriorityLoop): void {
  for (let at = loop.next(); at < Infinity; at = loop.next()) loop.frame(at);
}

describe('PriorityLoop', () => {
  test('what is more urgent runs first; among equals, what came first', () => {
    const loop = new PriorityLoop();
    const steps: string[] = [];
    const step = (name: string) => ({ run: () => void steps.push(name) });
    const [input, music] = [step('input'), {}];
    loop.prioritize(input, 1);
    loop.prioritize(music, -1);
    loop.enqueue(step('music 1'), music);
    loop.enqueue(step('physics'));
    loop.enqueue(step('music 2'), music);
    loop.callSoon(() => steps.push('callback'));
    loop.enqueue(input);
    loop.frame(0);
    expect(steps).toEqual(['input', 'physics', 'callback', 'music 1', 'music 2']);
  });
});

describe('Mutex on PriorityLoop', () => {
  test('first come, first served, whoever is cancelled or times out', () => {
    const loop = new PriorityLoop();
    const mutex = new Mutex();
    const steps: string[] = [];
    const worker = (name: string, timeoutMs?: number) => () => {
      const turn = mutex.acquire({ timeoutMs });
      turn.addDoneCallback(() => {
        try {
          turn.result();
          steps.push(`${name} at ${loop.time()}`);
          loop.callLater(10, () => mutex.release());
        } catch (error) {
          steps.push(`${name}: ${(error as Error).name} at ${loop.time()}`);
        }
      });
      return turn;
    };
    loop.callSoon(() => {
      worker('first')();
      worker('late', 15)();
      const cancelled = worker('cancelled')();
      worker('second')();
      worker('third')();
      loop.callLater(5, () => cancelled.cancel());
    });
    play(loop);
    expect(steps).toEqual([
      'first at 0',
      'cancelled: CancelledError at 5',
      'late at 10',
      'second at 20',
      'third at 30',
    ]);
    expect(mutex.turns.size).toBe(0);
  });

  test('those whom an urgent mutex wakes run first in their frame', () => {
    const loop = new PriorityLoop();
    const mutex = new Mutex();
    const steps: string[] = [];
    loop.prioritize(mutex.turns, 1);
    loop.callSoon(() => {
      for (const name of ['first', 'second']) {
        mutex.acquire().addDoneCallback((turn) => {
          turn.result();
          steps.push(name);
          loop.callSoon(() => steps.push(`after ${name}`));
          mutex.release();
        });
      }
    });
    play(loop);
    expect(steps).toEqual(['first', 'second', 'after first', 'after second']);
  });
});

describe('async functions on PriorityLoop', () => {
  afterEach(() => setEventLoop(null));

  test('wait in its frames', async () => {
    const loop = new PriorityLoop();
    const mutex = new Mutex();
    const steps: string[] = [];
    setEventLoop(loop);
    async function worker(name: string): Promise<void> {
      await mutex.acquire();
      steps.push(name);
      await Promise.resolve();
      mutex.release();
    }
    const workers = Promise.all([worker('first'), worker('second')]);
    for (let frame = 0; frame < 4; frame++) {
      loop.frame(frame * 16);
      steps.push(`frame ${frame}`);
      await new Promise(setImmediate);
    }
    await workers;
    expect(steps).toEqual(['frame 0', 'frame 1', 'first', 'frame 2', 'second', 'frame 3']);
  });
});

describe('docs/guide/your-own-loop.md', () => {
  const page = readFileSync(join(docs, 'guide/your-own-loop.md'), 'utf8');
  const folder = join(docs, 'examples/your-own-loop');
  const files = readdirSync(folder).map((name) => readFileSync(join(folder, name), 'utf8'));
  const snippets = [...page.matchAll(/^```typescript\n([\s\S]*?)^```$/gm)].map(([, text]) => text as string);

  test.each(snippets.map((snippet) => ({ snippet, line: snippet.split('\n')[0] })))(
    'the snippet "$line" is the text of the example',
    ({ snippet }) => {
      expect(files.filter((text) => text.includes(snippet))).toHaveLength(1);
    },
  );
});
