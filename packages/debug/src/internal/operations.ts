/** Operations that are done and whose value nobody took over: what they have got is lost. */
import type { EventLoop, LoopHooks } from '@aiokit/loop-core';
import { isDebugged } from './debugged.js';
import { atEnd, weakly } from './endings.js';
import { placeOf } from './origins.js';
import { type Place, textOf } from './stack.js';
import { isWaiter } from './tasks.js';
import { warn } from '../warnings.js';

interface Unobserved {
  readonly loop: EventLoop;
  readonly what: string;
  readonly place: Place | undefined;
}

/** What has a part in an operation is named after the primitive that it is a part of. */
function nameOf(part: object & { readonly primitive?: object }): string {
  return `<${(part.primitive ?? part).constructor.name}>`;
}

function report({ what, place }: Unobserved): void {
  warn(
    'unobserved-operation',
    `an operation of ${what} has completed and was never observed: nobody has what it got.\nOperation created at (most recent call first):\n${place && textOf(place)}`,
  );
}

const waiting = weakly<Unobserved>(report);

atEnd((loop) => {
  for (const record of waiting.records()) {
    if (loop && record.loop !== loop) continue;
    waiting.drop(record);
    report(record);
  }
});

/** Notes what has completed, and what was taken over. */
export const operationHooks: LoopHooks = {
  operation(operation, owner) {
    const loop = operation.getLoop();
    if (!isDebugged(loop)) return;
    if (owner) {
      const { value } = operation as { value?: { readonly owner?: object } | null };
      waiting.watch(operation, { loop, what: nameOf(value?.owner ?? owner), place: placeOf(operation) });
    }
  },
  unheard(operation) {
    const place = placeOf(operation);
    if (!place || !isWaiter(operation)) return;
    const { owner } = operation.queue;
    waiting.watch(operation, { loop: operation.getLoop(), what: nameOf(owner), place });
  },
  observed: (operation) => waiting.forget(operation),
};
