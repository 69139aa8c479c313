/** What ends when something else does: a gather its children, a group its tasks. And what a deadline limits. */
import type { LoopHooks } from '@aiokit/loop-core';

interface Limit {
  when?(): number | null;
}

const inner = /* @__PURE__ */ new WeakMap<object, Set<object>>();
const limits = /* @__PURE__ */ new WeakMap<object, Set<Limit>>();
/** Those that are done are let go when a set has become so large, and then twice as large. */
const FIRST_SWEEP = 64;
const sweeps = /* @__PURE__ */ new WeakMap<Set<object>, number>();

const isPending = (one: object): boolean => (one as { done?(): boolean }).done?.() !== true;

/** What has to end before a future or task does, as far as it is known. */
export const innerOf = (outer: object): object[] => [...(inner.get(outer) ?? [])].filter(isPending);

/** Whether a task's wait ends by itself: a deadline is set. */
export function isLimited(task: object): boolean {
  for (const limit of limits.get(task) ?? []) if (limit.when?.() !== null) return true;
  return false;
}

/** Keeps both. */
export const joinHooks: LoopHooks = {
  joins(outer, one) {
    let set = inner.get(outer);
    if (!set) inner.set(outer, (set = new Set()));
    set.add(one);
    if (set.size < (sweeps.get(set) ?? FIRST_SWEEP)) return;
    for (const each of set) if (!isPending(each)) set.delete(each);
    sweeps.set(set, Math.max(FIRST_SWEEP, set.size * 2));
  },
  limited(task, limit, enabled) {
    const set = limits.get(task) ?? new Set();
    limits.set(task, set);
    if (enabled) set.add(limit);
    else set.delete(limit);
  },
};
