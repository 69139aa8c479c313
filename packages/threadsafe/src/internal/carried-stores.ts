/** Async contexts that go along with works. */
import { realm } from '@aiokit/loop-core';

/** The stores of async context that go along, by name. */
export function carriedStores(): Record<string, unknown> | undefined {
  const { carried } = realm;
  if (!carried?.size) return undefined;
  const stores: Record<string, unknown> = {};
  for (const [name, storage] of carried) {
    const store = storage.getStore();
    if (store !== undefined) stores[name] = store;
  }
  return stores;
}
