/** Good loops, as the suite is given them. */
import { HostLoop, HostScheduler, realm } from '@aiokit/loop-core';
import { type Subject, waitOnHost } from '@aiokit/loop-core/compliance';
import { VirtualLoop } from '@aiokit/loop-core/virtual';
import { ModelLoop } from './model-loop.js';

// Loops are asked to turn debug mode on, and have no checks.
realm.debug = () => {};

const hostScheduler: Subject<HostScheduler> = {
  name: 'HostScheduler',
  create: () => new HostScheduler(),
  run: waitOnHost,
  capabilities: { hostTurn: true },
};

export const hostLoop: Subject<HostLoop> = {
  name: 'HostLoop',
  create: () => new HostLoop(),
  run: waitOnHost,
  capabilities: { orderedTimers: true, programLoop: true, hostTurn: true, asyncContext: true },
};

export const virtualLoop: Subject<VirtualLoop> = {
  name: 'VirtualLoop',
  create: () => new VirtualLoop(),
  run: (loop) => loop.runUntilIdle(),
  capabilities: {
    virtualTime: true,
    orderedTimers: true,
    programLoop: true,
    blockingRun: true,
    asyncContext: true,
  },
};

export const modelLoop: Subject<ModelLoop> = {
  name: 'ModelLoop',
  create: () => new ModelLoop(),
  run: (loop) => loop.run(),
  capabilities: { virtualTime: true, orderedTimers: true },
};

/** The same loop with its debug mode on. */
function inDebug<L extends HostLoop | VirtualLoop>(subject: Subject<L>): Subject<L> {
  const create = () => {
    const loop = subject.create();
    loop.setDebug(true);
    return loop;
  };
  return { ...subject, name: `${subject.name} in debug mode`, create };
}

export const subjects: Subject[] = [
  hostScheduler,
  hostLoop,
  inDebug(hostLoop),
  virtualLoop,
  inDebug(virtualLoop),
  modelLoop,
];
