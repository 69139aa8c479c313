import { currentLoop } from '@aiokit/loop-core';
import type { WaitOptions } from '@aiokit/loop-core/wait-queue';

/** Limits for several waits of one operation, asked for before each: what is left of the time. */
export function deadline(options: WaitOptions | undefined): () => WaitOptions | undefined {
  const { signal, timeoutMs = Infinity } = options ?? {};
  if (!(timeoutMs > 0 && timeoutMs < Infinity)) return () => options;
  const end = currentLoop().time() + timeoutMs;
  return () => ({ signal, timeoutMs: end - currentLoop().time() });
}
