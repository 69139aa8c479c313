/**
 * Which scope the running async function has: the host's async context tells, and while a coroutine is driven, who drives it.
 * The context is made at the first task of an async function and not before.
 */
import { type AsyncContext, asyncContext, realm } from '@aiokit/loop-core';
import type { Scope } from '../scope.js';

type AsyncResourceType = new (type: string, triggerAsyncId: number) => AsyncContext;
interface Store {
  enterWith(scope: Scope): void;
  run<R>(scope: Scope | undefined, callback: (...args: never[]) => R, ...args: unknown[]): R;
  getStore(): Scope | undefined;
}
interface HostProcess {
  getBuiltinModule?(
    id: string,
  ): { AsyncLocalStorage: new () => Store; AsyncResource: AsyncResourceType } | undefined;
}
type ScopeRealm = typeof realm & { store?: Store | null; driving?: Scope | null };

/** The host's async context for scopes; null if the host has none. */
function makeStore(): Store | null {
  const host = (globalThis as { process?: HostProcess }).process?.getBuiltinModule?.('async_hooks');
  if (!host) return null;
  const store = new host.AsyncLocalStorage();
  realm.scope = () => {
    const scope = store.getStore();
    return scope && !scope.task.done() ? scope.live() : null;
  };
  const keeper = realm.context ?? asyncContext;
  const capture = () => keeper.capture();
  const single = keeper.single?.bind(keeper);
  // A callback or a task that an async function schedules is not a part of it.
  realm.context = {
    ...keeper,
    capture() {
      if (!store.getStore()) return capture();
      const context = single && capture();
      return context && single(context) ? null : store.run(undefined, capture);
    },
  };
  if (single) Resource = host.AsyncResource;
  return store;
}

/** Where contexts are frames, which a store copies: its `run` makes two of them, the second to leave by. */
let Resource: AsyncResourceType | undefined;
const enter = <S extends Scope, R>(store: Store, scope: S, body: (scope: S) => R): R => {
  store.enterWith(scope);
  return body(scope);
};

/**
 * Calls a function within a scope.
 *
 * @param scope where its waits belong
 * @param body called with the scope
 */
export function runWithin<S extends Scope, R>(scope: S, body: (scope: S) => R): R {
  const known = realm as ScopeRealm;
  if (known.store === undefined) known.store = makeStore();
  const { store } = known;
  // Where the host cannot tell afterwards, it is not told before the first wait either.
  return driving(store ? scope : null, () => {
    if (!store) return body(scope);
    if (!Resource) return store.run(scope, body, scope);
    // A resource restores the frame of before by itself.
    return new Resource('aiokit', 1).runInAsyncScope(enter, undefined, store, scope, body) as R;
  });
}

/**
 * The scope of the running async function, if there is one and it is known; null in the step of a task.
 *
 * @param given what the caller was told
 */
export function currentScope(given?: Scope): Scope | null {
  if (realm.stepping) return null;
  const known = realm as ScopeRealm;
  return given ?? known.driving ?? (realm.scope?.() as Scope | null | undefined) ?? null;
}

/**
 * Resumes a coroutine that an async function drives.
 *
 * @param scope the function's, which what the coroutine begins belongs to
 * @param resume resumes it
 */
export function driving<R>(scope: Scope | null, resume: () => R): R {
  const known = realm as ScopeRealm;
  const outer = known.driving;
  known.driving = scope;
  try {
    return resume();
  } finally {
    known.driving = outer ?? null;
  }
}

/** Whether the host was asked for async context, and has none. */
export const hasNoContext = (): boolean => (realm as ScopeRealm).store === null;
