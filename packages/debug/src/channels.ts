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

const createdChannel = /* @__PURE__ */ channel('aiokit:task:create');
const waitsChannel = /* @__PURE__ */ channel('aiokit:task:wait');
const cancelsChannel = /* @__PURE__ */ channel('aiokit:task:cancel');
const endedChannel = /* @__PURE__ */ channel('aiokit:task:end');
const steppedChannel = /* @__PURE__ */ channel('aiokit:step');
const warnedChannel = /* @__PURE__ */ channel('aiokit:warning');

const { hooks: times } = /* @__PURE__ */ stepTimes(({ loop, task, began, ended: end }) =>
  steppedChannel.publish({ loop, task, startTime: began, duration: end - began }),
);

let publishers = 0;
let end: (() => void) | undefined;

const channelHooks: LoopHooks = {
  operation(operation, owner) {
    if (steppedChannel.hasSubscribers) times.operation?.(operation, owner);
  },
  scheduled(loop, handle) {
    if (steppedChannel.hasSubscribers) times.scheduled?.(loop, handle);
  },
  created(future) {
    if (steppedChannel.hasSubscribers) times.created?.(future);
    if (createdChannel.hasSubscribers && isTask(future)) createdChannel.publish({ task: future });
  },
  waits(task) {
    if (steppedChannel.hasSubscribers) times.waits?.(task);
    if (waitsChannel.hasSubscribers) waitsChannel.publish({ task });
  },
  cancels(task) {
    if (cancelsChannel.hasSubscribers) cancelsChannel.publish({ task });
  },
  ended(task, failed) {
    if (steppedChannel.hasSubscribers) times.ended?.(task, failed);
    if (endedChannel.hasSubscribers) endedChannel.publish({ task, failed });
  },
  before(loop, item) {
    if (steppedChannel.hasSubscribers) times.before?.(loop, item);
  },
  after(loop, item) {
    if (steppedChannel.hasSubscribers) times.after?.(loop, item);
  },
};

warningListeners.add((kind, message) => {
  if (warnedChannel.hasSubscribers) warnedChannel.publish({ kind, message });
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
