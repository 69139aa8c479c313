// Tells whether PriorityLoop is right. Any test runner with describe and it will do.
import { compliance } from '@aiokit/loop-core/compliance';
import { describe, it } from 'vitest';
import { PriorityLoop } from './priority-loop.js';

compliance(
  {
    name: 'PriorityLoop',
    create: () => new PriorityLoop(),
    run(loop) {
      for (let at = loop.next(); at < Infinity; at = loop.next()) loop.frame(at);
    },
    capabilities: { virtualTime: true, orderedTimers: true, asyncContext: true },
  },
  { describe, it },
);
