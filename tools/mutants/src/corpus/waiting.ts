/** Old bugs of conditions and reader-writer locks. */
import type { Mutant } from '../mutant.js';

const CONDITION = 'packages/sync-primitives/src/condition.ts';
const RW_LOCK = 'packages/sync-primitives/src/rw-lock.ts';

export const waitingMutants: readonly Mutant[] = [
  {
    name: 'a notification is lost with the waiter that is cancelled',
    upstream: ['python/cpython#112202', 'agronholm/anyio#1075'],
    file: CONDITION,
    replace: [['      if (!succeeded) this.wake(1);', '']],
    scenario: 'condition, items',
  },
  {
    name: 'a notification is lost if the cancellation comes while the lock is waited for',
    upstream: ['trio 0.34'],
    file: CONDITION,
    replace: [
      [
        '          if (!isCancelledError(error)) throw error;\n          failure = { error };',
        '          if (!isCancelledError(error)) throw error;\n          failure = { error };\n          succeeded = true;',
      ],
    ],
    scenario: 'condition, handed on',
  },
  {
    name: 'a wait that is cancelled after its notification ends without the lock',
    upstream: ['python/asyncio#346'],
    file: CONDITION,
    replace: [['          if (!isCancelledError(error)) throw error;', '          throw error;']],
    scenario: 'condition, items',
  },
  {
    name: 'a cancellation while the lock is waited for is swallowed',
    upstream: ['python/cpython#77022'],
    file: CONDITION,
    replace: [
      [
        '          if (!isCancelledError(error)) throw error;\n          failure = { error };',
        '          if (!isCancelledError(error)) throw error;',
      ],
    ],
    scenario: 'condition, items',
  },
  {
    name: 'a wait whose limit has passed does not take the lock again',
    upstream: ['python/cpython#7216'],
    file: CONDITION,
    replace: [
      [
        '        failure = { error };\n      }\n      let again',
        '        if (!isCancelledError(error)) throw error;\n        failure = { error };\n      }\n      let again',
      ],
    ],
    scenario: 'condition, out of time',
  },
  {
    name: 'a writer that gives up keeps the readers behind it waiting',
    upstream: ['StephenCleary/AsyncEx#134', 'meziantou/Meziantou.Framework#3028'],
    file: RW_LOCK,
    replace: [['  protected left(): void {\n    this.#turn(false);', '  protected left(): void {']],
    scenario: 'readers and writers',
  },
  {
    name: 'readers overtake a writer that waits',
    upstream: ['rust-lang/futures-rs#2082', 'crewAIInc/crewAI#4541'],
    file: RW_LOCK,
    replace: [
      [
        '!this.#writing && this.#sides.write.queue.live === 0 && this.#upgrade',
        '!this.#writing && this.#upgrade',
      ],
    ],
    scenario: 'readers and writers',
  },
];
