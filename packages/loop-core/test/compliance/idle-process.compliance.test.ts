import { expect, test } from 'vitest';
import { runProgram } from './program.js';

const loops = ['HostScheduler', 'HostLoop'];

test.each(loops)('LOOP-11.4 a %s with nothing to do keeps no process alive', { timeout: 60_000 }, (name) => {
  const program = `
    import { ${name} } from '@aiokit/loop-core';
    const loop = new ${name}();
    loop.callLater(1, () => {
      loop.callSoon(() => console.log('ran'));
      loop.callLater(3_600_000, () => {}).cancel();
    });
    loop.callLater(7_200_000, () => {}).cancel();
  `;
  expect(runProgram(program)).toEqual({ status: 0, printed: 'ran\n' });
});
