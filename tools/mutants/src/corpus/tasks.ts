/** Old bugs of tasks, groups, limits and combinators. */
import type { Mutant } from '../mutant.js';

const TASK = 'packages/task/src/task.ts';
const TIMEOUT = 'packages/task/src/timeout.ts';
const WAIT_FOR = 'packages/task/src/wait-for.ts';
const GROUP = 'packages/task/src/task-group.ts';
const GATHER = 'packages/task/src/gather.ts';
const SCOPE = 'packages/task/src/scope.ts';
const SHIELD = 'packages/task/src/shield.ts';

export const taskMutants: readonly Mutant[] = [
  {
    name: 'a cancellation is swallowed if the result comes at the same instant',
    upstream: ['python/cpython#86296'],
    file: WAIT_FOR,
    replace: [
      [
        "  return yield* typeof known.subscribe === 'function' ? known : ensureFuture<T>(source);",
        "  if (typeof known.subscribe !== 'function') return yield* ensureFuture<T>(source);\n  try {\n    return yield* known;\n  } catch (error) {\n    if (known.done() && !known.cancelled()) return known.result();\n    throw error;\n  }",
      ],
    ],
    scenario: 'time limit',
  },
  {
    name: 'the limit is up, and what was waited for is still at work',
    upstream: ['python/cpython#7216'],
    file: WAIT_FOR,
    replace: [
      ['    yield* ended;', '    yield;'],
      [
        '    return future.result();\n  } catch',
        '    if (!future.done()) throw new TimeoutError();\n    return future.result();\n  } catch',
      ],
    ],
    scenario: 'time limit, ended',
  },
  {
    name: 'a cancellation from outside becomes a time-out',
    upstream: ['python/cpython#102780'],
    file: TIMEOUT,
    replace: [
      ['    return this.unrequest() <= this.#before && failed;', '    this.unrequest();\n    return failed;'],
    ],
    scenario: 'time limits, nested',
  },
  {
    name: 'a cancellation in the last step of a task is ignored',
    upstream: ['python/cpython#1097', 'python/cpython#74234'],
    file: TASK,
    replace: [['    if (this.must !== undefined) return this.endFailed(this.must);\n', '']],
    scenario: 'task, late',
  },
  {
    name: 'a group within a group swallows the cancellation of the outer one',
    upstream: ['python/cpython#116720'],
    file: GROUP,
    replace: [['      this.redeliver(before);\n', '']],
    scenario: 'task groups',
  },
  {
    name: 'a request of the group to cancel its body is left',
    upstream: ['python/cpython#95602'],
    file: GROUP,
    replace: [
      [
        'if (this.#requested && this.unrequest() <=',
        'if (this.#requested && failed && cancellation !== undefined && this.unrequest() <=',
      ],
    ],
    scenario: 'task group, forgiven',
  },
  {
    name: 'a cancellation of what was gathered becomes a list of results',
    upstream: ['python/cpython#76865'],
    file: GATHER,
    replace: [['    else if (this.#cancelled) this.setException(makeCancelledError(this.#message));\n', '']],
    scenario: 'gather',
  },
  {
    name: 'a limit of 0 swallows a cancellation that is to come',
    upstream: ['python/cpython#134471'],
    file: SCOPE,
    replace: [['[task.cancelling() - (task.must ? 1 : 0)]', '[task.cancelling()]']],
    scenario: 'time limit of 0',
  },
  {
    name: 'the error of what is shielded is lost if nobody waits for it any more',
    upstream: ['python/cpython#86802'],
    file: SHIELD,
    replace: [
      [
        '      if (exception === null) return;\n      const',
        '      if (exception !== undefined) return;\n      const',
      ],
    ],
    scenario: 'shield',
  },
  {
    name: 'the async context is lost',
    upstream: ['sindresorhus/p-queue#200', 'async-lock 1.5'],
    file: TASK,
    replace: [
      [
        '    if (more === null || more.context === null) this.step();\n    else more',
        '    if (more === null || more.context !== null) this.step();\n    else more',
      ],
    ],
    scenario: 'task, stored',
  },
];
