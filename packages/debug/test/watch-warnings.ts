/** The warnings of a test: whoever does not expect one fails. */
import { getDebugLimits, resetWarnings, setDebugLimits, setWarningFilter } from '@aiokit/debug';
import { type Logger, setLogger } from '@aiokit/loop-core';
import { onTestFinished } from 'vitest';

/**
 * Collects what is logged as a warning: the first line of each.
 *
 * @param options `slow`: only slow steps are looked for, else every detector is on; `whole`: all lines; `errors` is given
 * what is logged as an error
 */
export function watchWarnings({ slow = false, whole = false, errors = [] as string[] } = {}): string[] {
  const warnings: string[] = [];
  resetWarnings();
  if (slow) {
    setWarningFilter('*', 'ignore');
    setWarningFilter('slow-step', 'always');
  }
  const logger: Logger = {
    ...console,
    error: (text) => void errors.push(text),
    warn: (text) => void warnings.push(whole ? text : (text.split('\n', 1)[0] as string)),
  };
  setLogger(logger);
  const limits = { ...getDebugLimits() };
  onTestFinished(() => {
    setLogger(null);
    resetWarnings();
    setDebugLimits(limits);
  });
  return warnings;
}
