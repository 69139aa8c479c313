/** Coroutines that nobody awaited, in debug mode: reported when they are collected, when the process ends, or on demand. */
import { getLogger, realm } from '@aiokit/loop-core';

interface Unawaited {
  readonly name: string;
  readonly origin: string | undefined;
}
interface Host {
  readonly FinalizationRegistry?: typeof FinalizationRegistry;
  readonly process?: { once?(event: 'exit', listener: () => void): void };
}

let waiting: Map<Unawaited, WeakRef<object>> | undefined;
let collected: FinalizationRegistry<Unawaited> | undefined;
const records = /* @__PURE__ */ new WeakMap<object, Unawaited>();

function report(record: Unawaited): void {
  if (!waiting?.delete(record)) return;
  const origin =
    record.origin === undefined ? '' : `\nCoroutine created at (most recent call first):\n${record.origin}`;
  const message = `coroutine '${record.name}' was never awaited${origin}`;
  if (realm.hooks?.warn) realm.hooks.warn('never-awaited', message);
  else getLogger().warn(message);
}

/**
 * Reports coroutines that nobody awaits. Called for each that is made in debug mode.
 *
 * @source CORO-3 · CPython's `RuntimeWarning: coroutine … was never awaited`
 */
export function expectAwait(coroutine: { readonly name: string }): void {
  if (!waiting) {
    const all = new Map<Unawaited, WeakRef<object>>();
    const host = globalThis as Host;
    waiting = all;
    collected = host.FinalizationRegistry && new host.FinalizationRegistry(report);
    const reportAll = () => {
      for (const record of all.keys()) report(record);
    };
    (realm.closing ??= new Set()).add(reportAll);
    host.process?.once?.('exit', reportAll);
  }
  realm.hooks?.coroutine?.(coroutine);
  const record = { name: coroutine.name, origin: realm.hooks?.origin?.(coroutine) };
  records.set(coroutine, record);
  waiting.set(record, new WeakRef(coroutine));
  collected?.register(coroutine, record, record);
}

/** Somebody awaits it. */
export function awaited(coroutine: object): void {
  const record = waiting && records.get(coroutine);
  if (!record) return;
  waiting?.delete(record);
  collected?.unregister(record);
}
