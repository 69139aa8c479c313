/** A test on a loop in debug mode, with every detector on: it fails if something is reported that it did not expect. */
import { setEventLoop } from '@aiokit/loop-core';
import { assert } from 'vitest';
import { watchWarnings } from './watch-warnings.js';
import { hop, WatchedVirtualLoop } from '../../loop-core/test/watched-loops.js';

/** What a test is given. */
export interface Debugged {
  readonly loop: WatchedVirtualLoop;
  /** What was reported: first lines. */
  readonly take: () => string[];
  /** What was reported, in full. */
  readonly takeWhole: () => string[];
  /** What was logged as an error. */
  readonly errors: string[];
  /** Collects garbage until it has been told of. */
  readonly collect: () => Promise<void>;
}

/** Runs a test on a loop of its own, which is the default one meanwhile. */
export async function withDebug(body: (test: Debugged) => unknown): Promise<void> {
  const errors: string[] = [];
  const warnings = watchWarnings({ whole: true, errors });
  const loop = new WatchedVirtualLoop();
  loop.setDebug(true);
  // Only where the test moves the clock: how long a step takes here is no matter of the program.
  loop.slowCallbackDurationMs = Infinity;
  setEventLoop(loop);
  const takeWhole = () => warnings.splice(0);
  const take = () => takeWhole().map((text) => text.split('\n', 1)[0] as string);
  const collect = async () => {
    if (!loop.isClosed()) {
      // What was made just now is told of after a while.
      loop.callLater(300, () => {});
      loop.runUntilIdle();
    }
    for (let round = 0; round < 5; round++) {
      await hop();
      (globalThis as { gc?: () => void }).gc?.();
    }
    await hop();
  };
  try {
    await body({ loop, take, takeWhole, errors, collect });
    loop.finish();
    assert.deepEqual(warnings, [], 'warnings');
  } finally {
    setEventLoop(null);
  }
}
