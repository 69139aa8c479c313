/** Every property of a file runs from one seed: `AIOKIT_SEED` repeats a failure, `AIOKIT_RUNS` sets how many runs. */
import fc from 'fast-check';
import { afterEach } from 'vitest';

const fromEnv = (name: string): number | undefined => {
  const text = process.env[name];
  if (text === undefined || text === '') return undefined;
  const value = Number(text);
  if (!Number.isInteger(value)) throw new RangeError(`${name} must be an integer, got ${text}`);
  return value;
};

const seed = fromEnv('AIOKIT_SEED') ?? (Math.random() * 0x7fffffff) | 0;
const numRuns = fromEnv('AIOKIT_RUNS');
fc.configureGlobal({ ...fc.readConfigureGlobal(), seed, ...(numRuns === undefined ? {} : { numRuns }) });

afterEach(({ task }) => {
  const property = task.result?.errors?.some(({ message }) => message.startsWith('Property failed'));
  if (property) console.error(`repeat "${task.name}" with AIOKIT_SEED=${seed}`);
});
