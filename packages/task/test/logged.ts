/** What is logged, and what debug mode sees, in a test. */
import { type LoopHooks, type Logger, realm, setLogger } from '@aiokit/loop-core';
import { onTestFinished } from 'vitest';

/** Collects what is logged until the end of the test. */
export function watchLog(): string[] {
  const lines: string[] = [];
  const note = (...parts: unknown[]): void => void lines.push(parts.map(String).join(' '));
  const logger: Logger = { debug: note, info: note, warn: note, error: note };
  setLogger(logger);
  onTestFinished(() => setLogger(null));
  return lines;
}

/** Installs debug's hooks until the end of the test. */
export function installHooks(hooks: LoopHooks = {}): void {
  realm.hooks = hooks;
  onTestFinished(() => {
    realm.hooks = undefined;
  });
}

declare const gc: () => void;

/** Collects garbage, and lets the host call finalizers. */
export async function collect(): Promise<void> {
  for (let round = 0; round < 6; round++) {
    gc();
    await new Promise((resolve) => setImmediate(resolve));
  }
}
