/** Loaded before a program, puts it into virtual time: the same order and the same timestamps without the waiting. */
import { setEventLoop } from '@aiokit/loop-core';
import { HostlikeLoop } from './virtual-loop.mjs';

const loop = new HostlikeLoop({ startMs: Date.now() });
globalThis.Date = class extends Date {
  constructor(...args) {
    super(...(args.length === 0 ? [loop.time()] : args));
  }
};
setEventLoop(loop);
