/** A tree of the tasks whenever the process receives a signal: what a program is doing that seems to hang. */
import { getLogger, refuse } from '@aiokit/loop-core';
import { pstree } from './inspect.js';

interface Host {
  readonly process?: {
    on?(signal: string, listener: () => void): void;
    off?(signal: string, listener: () => void): void;
  };
}

/** Ctrl-\ and the signal for programs' own use. Node itself takes SIGUSR1. */
const SIGNALS = ['SIGQUIT', 'SIGUSR2'];

/**
 * Writes `pstree()` to the log whenever the process receives a signal. It keeps no process alive.
 *
 * A signal that has a listener does not end the process any more.
 *
 * @param signals their names; `SIGQUIT`, which is Ctrl-\ in a terminal, and `SIGUSR2` if absent
 * @returns ends it
 * @throws TypeError if they are no names; nothing is listened to
 * @source DEBUG-10 · CPython `faulthandler.register`
 */
export function printOnSignal(signals: readonly string[] = SIGNALS): () => void {
  if (!Array.isArray(signals) || !signals.every((signal) => typeof signal === 'string')) {
    refuse('signals', "names such as 'SIGUSR2'", signals);
  }
  const { process } = globalThis as Host;
  const print = () => getLogger().warn(`the tasks that are pending:\n${pstree()}`);
  for (const signal of signals) process?.on?.(signal, print);
  return () => {
    for (const signal of signals) process?.off?.(signal, print);
  };
}
