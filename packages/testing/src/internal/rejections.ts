/** Rejections that nobody handles, while a program is explored: they are its failure and nobody else's. */

interface HostProcess {
  listeners(event: string): ((reason: unknown) => void)[];
  removeAllListeners(event: string): void;
  on(event: string, listener: (reason: unknown) => void): void;
}

const EVENT = 'unhandledRejection';

let listener: ((reason: unknown) => void) | undefined;

/** Takes the place of whoever listens, if the host is one that tells; returns what gives it back. */
export function takeRejections(): () => void {
  const { process: host } = globalThis as { process?: Partial<HostProcess> };
  if (!host?.listeners || !host.removeAllListeners || !host.on) return () => {};
  const others = host.listeners(EVENT);
  host.removeAllListeners(EVENT);
  host.on(EVENT, (reason) => listener?.(reason));
  return () => {
    host.removeAllListeners?.(EVENT);
    for (const other of others) host.on?.(EVENT, other);
  };
}

/** Tells a run of them; returns what ends that. */
export function watchRejections(told: (reason: unknown) => void): () => void {
  listener = told;
  return () => {
    listener = undefined;
  };
}
