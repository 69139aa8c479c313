/** Events on `node:diagnostics_channel`, for tools that look on from outside. A channel that nobody hears costs a check. */
import type { LoopHooks } from '@aiokit/loop-core';
import { builtin } from './internal/builtin.js';
import { lookOn } from './internal/hooks.js';
import { stepTimes } from './internal/step-times.js';
import { isTask } from './internal/tasks.js';
import { warningListeners } from './warnings.js';

interface Channel {
  readonly hasSubscribers: boolean;
  publish(message: object): void;
}
interface Channels {
  channel(name: string): Channel;
}

const channels = /* @__PURE__ */ builtin<Channels>('diagnostics_channel');

/** A channel as hooks see it: where the host has none, nobody ever hears it. */
const channel = (name: string): Channel => channels?.channel(name) ?? { hasSubscribers: false, publish() {} };

const created = /* @__PURE__ */ channel('aiokit:task:create');
const waits = /* @__PURE__ */ channel('aiokit:task:wait');
const cancels = /* @__PURE__ */ channel('aiokit:task:cancel');
const ended = /* @__PURE__ */ channel('aiokit:task:end');
const stepped = /* @__PURE__ */ channel('aiokit:step');
const warned = /* @__PURE__ */ channel('aiokit:warning');

const { hooks: times } = /* @__PURE__ */ stepTimes(({ loop, task, began, ended: end }) =>
  stepped.publish({ loop, task, startTime: began, duration: end - began }),
);

let publishers = 0;
let end: (() => void) | undefined;

const channelHooks: LoopHooks = {
  operation(operation, owner) {
    if (stepped.hasSubscribers) times.operation?.(operation, owner);
  },
  scheduled(loop, handle) {
    if (stepped.hasSubscribers) times.scheduled?.(loop, handle);
  },
  created(future) {
    if (stepped.hasSubscribers) times.created?.(future);
    if (created.hasSubscribers && isTask(future)) created.publish({ task: future });
  },
  waits(task) {
    if (stepped.hasSubscribers) times.waits?.(task);
    if (waits.hasSubscribers) waits.publish({ task });
  },
  cancels(task) {
    if (cancels.hasSubscribers) cancels.publish({ task });
  },
  ended(task, failed) {
    if (stepped.hasSubscribers) times.ended?.(task, failed);
    if (ended.hasSubscribers) ended.publish({ task, failed });
  },
  before(loop, item) {
    if (stepped.hasSubscribers) times.before?.(loop, item);
  },
  after(loop, item) {
    if (stepped.hasSubscribers) times.after?.(loop, item);
  },
};

warningListeners.add((kind, message) => {
  if (warned.hasSubscribers) warned.publish({ kind, message });
});

/**
 * Publishes events on `node:diagnostics_channel` outside debug mode too; in debug mode they always are.
 *
 * The channels are `aiokit:task:create`, `aiokit:task:wait`, `aiokit:task:cancel` and `aiokit:task:end`, with the task;
 * `aiokit:step` with what ran and for how long; `aiokit:warning` with the kind and the text. Where the host has no channels
 * nothing is published. What a subscriber throws is the host's to report.
 *
 * @returns ends it
 * @source DEBUG-13 · no CPython counterpart
 */
export function publishEvents(): () => undefined {
  let over = false;
  if (publishers++ === 0) end = lookOn(channelHooks);
  return () => {
    if (over) return;
    over = true;
    if (--publishers === 0) end?.();
  };
}
