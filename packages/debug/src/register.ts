/**
 * Debug mode for a whole program, from outside: `node --import @aiokit/debug/register app.js`. In the main thread of Node it
 * also starts the watchdog, and lets `aiokit-debug` attach.
 */
import './auto.js';
import { builtin } from './internal/builtin.js';
import { allowAttach } from './attach.js';
import { setDebugLimits } from './limits.js';

interface Host {
  /** Asks its user before it shows the environment. */
  readonly Deno?: object;
  readonly process?: { readonly env?: { readonly AIOKIT_ATTACH?: string } };
}

// Threads of a program may be there to be blocked.
if (builtin<{ readonly isMainThread: boolean }>('worker_threads')?.isMainThread) {
  setDebugLimits({ blockedMs: 1000 });
  const { Deno, process } = globalThis as Host;
  const attach = Deno ? undefined : process?.env?.AIOKIT_ATTACH;
  if (attach !== '0') allowAttach({ now: attach === '1' });
}
