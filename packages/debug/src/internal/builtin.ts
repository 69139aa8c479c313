/** Modules of the host, where it has them: no entry needs Node. */

interface Host {
  readonly process?: { getBuiltinModule?(name: string): object | undefined };
}

/**
 * A module of Node, also in hosts that have it too.
 *
 * @param name without `node:`
 * @returns undefined where there is none
 */
export function builtin<M extends object>(name: string): M | undefined {
  try {
    return (globalThis as Host).process?.getBuiltinModule?.(name) as M | undefined;
  } catch {
    return undefined;
  }
}
