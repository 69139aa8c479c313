/** Old bugs of locks, semaphores and limiters. */
import type { Mutant } from '../mutant.js';

const LOCK = 'packages/sync-primitives/src/lock.ts';
const PERMIT = 'packages/sync-primitives/src/permit.ts';
const SEMAPHORE = 'packages/sync-primitives/src/semaphore.ts';
const LIMITER = 'packages/sync-primitives/src/capacity-limiter.ts';
const KEYED = 'packages/sync-primitives/src/keyed-lock.ts';
const WAIT_QUEUE = 'packages/loop-core/src/wait-queue.ts';
const AWAITABLE = 'packages/loop-core/src/awaitable.ts';

export const permitMutants: readonly Mutant[] = [
  {
    name: 'a lock whose next holder is cancelled wakes nobody',
    upstream: ['python/cpython#1031', 'python/asyncio#467'],
    file: LOCK,
    replace: [['    this.promised = false;\n    this.left();', '    this.promised = false;']],
    scenario: 'lock',
  },
  {
    name: 'a lock is given to two, one after the other, while the first is on its way',
    upstream: ['python/cpython#5466'],
    file: LOCK,
    replace: [['first && !first.before', 'first']],
    scenario: 'lock',
  },
  {
    name: 'a newcomer takes the lock that somebody was woken for',
    upstream: ['@esfx/async-mutex 1.0'],
    file: LOCK,
    replace: [
      [
        'this.holder === undefined && !this.promised && this.queue',
        'this.holder === undefined && this.queue',
      ],
    ],
    scenario: 'lock',
  },
  {
    name: 'a cancelled waiter that is still in line keeps the one behind it asleep',
    upstream: ['agronholm/anyio#1145'],
    file: WAIT_QUEUE,
    replace: [
      [
        '    else queue.owner.left?.(this);',
        '    else if (state === State.WAITING) queue.owner.left?.(this);',
      ],
    ],
    scenario: 'lock, cancelled twice',
  },
  {
    name: 'the lock goes to a waiter that was cancelled and has not left',
    upstream: ['python/asyncio#393'],
    file: WAIT_QUEUE,
    replace: [
      [
        '    while (this.#cursor?.live() === false) this.#cursor = this.#cursor.after;',
        '    if (this.#cursor?.live() === false) this.#cursor = this.#cursor.after ?? this.#cursor;',
      ],
    ],
    scenario: 'lock, cancelled twice',
  },
  {
    name: 'a lock stays with who was cancelled as it got it',
    upstream: ['Kotlin/kotlinx.coroutines#2380'],
    file: AWAITABLE,
    replace: [
      ['    this.abandon();\n    throw error;', '    if (!this.done()) this.abandon();\n    throw error;'],
    ],
    scenario: 'lock',
  },
  {
    name: 'a turn is lost with who was given it and goes away',
    upstream: ['tokio-rs/tokio#4618'],
    file: WAIT_QUEUE,
    replace: [
      [
        '    else if (this.state < State.CANCELLED) this.abort(makeCancelledError());',
        '    else if (this.state === State.WAITING) this.abort(makeCancelledError());',
      ],
    ],
    scenario: 'semaphore',
  },
  {
    name: 'a permit that is disposed of twice lets one too many in',
    upstream: ['@std/async 1.5'],
    file: PERMIT,
    replace: [['    this.owner = undefined;\n', '']],
    scenario: 'semaphore',
  },
  {
    name: 'a semaphore whose next holder is cancelled wakes nobody',
    upstream: ['python/cpython#90155', 'python/asyncio#270'],
    file: SEMAPHORE,
    replace: [['    this.value += weight;\n    this.left();', '    this.value += weight;']],
    scenario: 'semaphore',
  },
  {
    name: 'a permit is lost when its taker is cancelled as it comes',
    upstream: ['Effect-TS/effect#6910', 'Effect-TS/effect#6081'],
    file: SEMAPHORE,
    replace: [['    this.value += weight;\n    this.left();', '    this.left();']],
    scenario: 'semaphore',
  },
  {
    name: 'of several permits one comes back when their taker is cancelled',
    upstream: ['Effect-TS/effect#6638', 'typelevel/cats-effect#403'],
    file: SEMAPHORE,
    replace: [['    this.value += weight;\n    this.left();', '    this.value += 1;\n    this.left();']],
    scenario: 'semaphore, weighted',
  },
  {
    name: 'who asks for little overtakes who asked for much',
    upstream: ['python/cpython#31910'],
    file: SEMAPHORE,
    replace: [
      [
        'return this.value >= permits && this.granted === 0 && this.queue.live === 0;',
        'return this.value >= permits && this.granted === 0;',
      ],
    ],
    scenario: 'semaphore, weighted',
  },
  {
    name: 'a newcomer overtakes whoever was woken',
    upstream: ['python/cpython#93222'],
    file: SEMAPHORE,
    replace: [
      [
        'return this.value >= permits && this.granted === 0 && this.queue.live === 0;',
        'return this.value >= permits && this.queue.live === 0;',
      ],
    ],
    scenario: 'semaphore',
  },
  {
    name: 'one who asks for much gives up and keeps the one behind asleep',
    upstream: ['async-mutex 0.5'],
    file: WAIT_QUEUE,
    replace: [
      [
        '    else queue.owner.left?.(this);',
        '    else if (state === State.CANCELLED) queue.owner.left?.(this);',
      ],
    ],
    scenario: 'semaphore, heavy',
  },
  {
    name: 'waiters whose time is up stay in line',
    upstream: ['async-mutex 0.5'],
    file: WAIT_QUEUE,
    replace: [
      ['    this.queue.unlink(this);', '    if (this.state !== State.FAILED) this.queue.unlink(this);'],
    ],
    scenario: 'semaphore, limited',
  },
  {
    name: 'a stray release makes a permit more',
    upstream: ['vercel/async-sema#36', 'es-toolkit 1.53'],
    file: SEMAPHORE,
    replace: [
      ['    if (oldest?.weight === 1) oldest.release();\n    else {', '    {'],
      ['      if (oldest) oldest.weight--;\n', ''],
    ],
    scenario: 'semaphore, stray',
  },
  {
    name: 'listeners are left on the signal',
    upstream: ['nodejs/node#52635', 'p-event 7', 'CAF 15'],
    file: WAIT_QUEUE,
    replace: [['    if (this.signal) leaveSignal(this.signal, this);\n', '']],
    scenario: 'lock, limited',
  },
  {
    name: 'an abort at the instant of the turn takes the turn away',
    upstream: ['@core/asyncutil'],
    file: WAIT_QUEUE,
    replace: [
      [
        '    if (state === State.GRANTED) queue.owner.passed(this);',
        '    if (state === State.GRANTED) { if (isCancelledError(reason)) queue.owner.passed(this); }',
      ],
    ],
    scenario: 'lock, limited',
  },
  {
    name: 'a token is lost when its taker is cancelled',
    upstream: ['agronholm/anyio#947'],
    file: LIMITER,
    replace: [
      [
        '    this.#forget(waiter);\n    super.passed(waiter);',
        '    this.#forget(waiter);\n    this.granted--;',
      ],
    ],
    scenario: 'limiter',
  },
  {
    name: 'a token that is on its way is given to a newcomer',
    upstream: ['agronholm/anyio#1170'],
    file: SEMAPHORE,
    replace: [
      ['    this.value -= first.weight;\n    this.granted++;', '    this.granted++;'],
      [
        '    this.granted--;\n    this.left();\n    return',
        '    this.granted--;\n    this.value -= weight;\n    return',
      ],
      ['    this.granted--;\n    this.value += weight;', '    this.granted--;'],
      ['this.value >= permits && this.granted === 0 && this', 'this.value >= permits && this'],
    ],
    scenario: 'limiter',
  },
  {
    name: 'a raised total counts from the old total, not from what is borrowed',
    upstream: ['agronholm/anyio#1223'],
    file: LIMITER,
    replace: [
      ['    this.most = Infinity;', '    this.most = Infinity;\n    this.#old = total;'],
      ['  readonly #waiting =', '  #old = 0;\n  readonly #waiting ='],
      [
        '    this.value = total - this.borrowed;',
        '    this.value = Math.max(this.value, 0) + Math.max(total - this.#old, 0);\n    this.#old = total;',
      ],
    ],
    scenario: 'limiter, resized',
  },
  {
    name: 'a raised total wakes nobody',
    upstream: ['agronholm/anyio#646'],
    file: LIMITER,
    replace: [['    super.left();\n  }\n\n  borrow', '  }\n\n  borrow']],
    scenario: 'limiter, resized',
  },
  {
    name: 'the lock of a key is forgotten while others wait for it',
    upstream: ['MCSManager/MCSManager#2242'],
    file: KEYED,
    replace: [['this.holder !== undefined || this.queue.size > 0', 'this.holder !== undefined']],
    scenario: 'keyed lock',
  },
  {
    name: 'keys that nobody uses stay',
    upstream: ['muffintoad/async-await-mutex-lock#24'],
    file: KEYED,
    replace: [['    if (!this.used) this.#unused();', '']],
    scenario: 'keyed lock',
  },
];
