/** Every row is measured outside every `AsyncLocalStorage` store, and again inside one. */

export const modes = { plain: 'no store', als: 'in a store' };

let storage;

/** Runs work in a mode. A process without a store never loads `AsyncLocalStorage`. */
export async function runInMode(mode, work) {
  if (mode === 'plain') return work();
  if (storage === undefined) {
    const { AsyncLocalStorage } = await import('node:async_hooks');
    storage = new AsyncLocalStorage();
  }
  return storage.run({ mode }, work);
}
