/** Old bugs of queues. */
import type { Mutant } from '../mutant.js';

const QUEUE = 'packages/queue/src/queue.ts';
const SIDE = 'packages/queue/src/internal/side.ts';
const SELECT = 'packages/task/src/select.ts';

export const queueMutants: readonly Mutant[] = [
  {
    name: 'the item of a getter that is cancelled as it comes is lost',
    upstream: ['python/asyncio#256', 'tornadoweb/tornado#2826'],
    file: SIDE,
    replace: [
      ['    this.turns -= weight;\n    this.wake();\n  }\n\n  left', '    this.wake();\n  }\n\n  left'],
    ],
    scenario: 'queue',
  },
  {
    name: 'a getter or putter that is cancelled after its turn came wakes nobody',
    upstream: ['python/cpython#108042', 'python/asyncio#269'],
    file: SIDE,
    replace: [
      [
        '    this.turns -= weight;\n    this.wake();\n  }\n\n  left',
        '    this.turns -= weight;\n  }\n\n  left',
      ],
    ],
    scenario: 'queue',
  },
  {
    name: 'a newcomer takes the item that a getter was woken for',
    upstream: ['python/cpython#83055'],
    file: QUEUE,
    replace: [
      ['this.#getters === undefined ? this.#length() : this.#getters.spare', 'this.#length()'],
      ['(!side?.turns || (options?.timeoutMs as number) <= 0)', '(side?.turns ?? 0) >= 0'],
    ],
    scenario: 'queue',
  },
  {
    name: 'an item that was taken by who is halted in the same tick is lost',
    upstream: ['effection 4.1', 'Kotlin/kotlinx.coroutines#1936'],
    file: QUEUE,
    replace: [['abandoned: (item, place) => this.#takeBack(item, place as number),', 'abandoned() {},']],
    scenario: 'queue, unseen',
  },
  {
    name: 'an undefined item vanishes',
    upstream: ['@core/asyncutil'],
    file: QUEUE,
    replace: [
      [
        '    (this.#ring as Ring<T>).push(item);',
        '    if (item !== undefined) (this.#ring as Ring<T>).push(item);',
      ],
    ],
    scenario: 'queue',
  },
  {
    name: 'who waits to get when the queue is closed never ends',
    upstream: ['mcollina/fastq#97', 'sindresorhus/p-limit#25'],
    file: QUEUE,
    replace: [['    this.#getters?.wake(true);\n', '']],
    scenario: 'queue',
  },
  {
    name: 'who waits to put when the queue is closed never ends',
    upstream: ['Kotlin/kotlinx.coroutines#359'],
    file: QUEUE,
    replace: [['    this.#putters?.wake(true);\n', '']],
    scenario: 'queue, full',
  },
  {
    name: 'one who waits for several items gives up and keeps the one behind waiting',
    upstream: ['async-mutex 0.5'],
    file: SIDE,
    replace: [['  left(): void {\n    this.wake();', '  left(): void {']],
    scenario: 'queue, greedy',
  },
  {
    name: 'the queue that was not selected has lost its item',
    upstream: ['Kotlin/kotlinx.coroutines#1936'],
    file: SELECT,
    replace: [['      else source.abandon();\n    }\n  }', '    }\n  }']],
    scenario: 'queue, selected',
  },
];
