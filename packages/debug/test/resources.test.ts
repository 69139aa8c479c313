/** Resources where no loop is in debug mode: what a program closed is let go of. */
import { trackResource } from '@aiokit/debug';
import { VirtualLoop } from '@aiokit/loop-core/virtual';
import { expect, test } from 'vitest';
import { hop } from '../../loop-core/test/watched-loops.js';

test.each([
  ['outside debug mode', false],
  ['once debug mode is off', true],
])('DEBUG-7 trackResource lets go of what was closed, %s', async (_, debugged) => {
  const loop = new VirtualLoop();
  if (debugged) loop.setDebug(true);
  const sockets = (function opens() {
    return Array.from({ length: 50 }, () => {
      const socket = {};
      trackResource({}, { name: 'socket', close: () => socket }).closed();
      return new WeakRef(socket);
    });
  })();
  if (debugged) loop.setDebug(false);
  for (let round = 0; round < 5; round++) {
    await hop();
    (globalThis as { gc?: () => void }).gc?.();
  }
  expect(sockets.filter((socket) => socket.deref())).toEqual([]);
  loop.close();
});
