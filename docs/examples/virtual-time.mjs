/** Loaded before a program, puts it into virtual time: the same order and the same timestamps without the waiting. */
import { setEventLoop } from '@aiokit/loop-core';
import { VirtualLoop } from '@aiokit/loop-core/virtual';

const loop = new VirtualLoop({ startMs: Date.now() });
globalThis.Date = class extends Date {
  constructor(...args) {
    super(...(args.length === 0 ? [loop.time()] : args));
  }
};
setEventLoop(loop);
