/**
 * The awaitable of an operation that did not have to wait.
 *
 * What is fastest depends on who asks. A generator step gets an object that is its own iterator and its own result: its
 * `done` is a method, hence true, and `value` is the value. Everybody else gets a promise that is settled already, of a
 * subclass whose `prototype.constructor` is `Promise`, which `await` takes as it is: one tick, as a native one.
 */
import { AwaitableBase } from './awaitable.js';
import { currentLoop } from './current-loop.js';
import type { EventLoop, Operation } from './event-loop.js';
import { realm } from './realm.js';

/** Who gets a value back that was not observed. */
export interface CompletedOwner<T> {
  /** The operation was abandoned, and nobody has seen its value. Called once at most. */
  abandoned(value: T, place?: number): void;
}

class Completed<T> extends AwaitableBase<T> {
  declare readonly value: T;
  declare private owner: CompletedOwner<T> | undefined;
  declare private readonly place: number | undefined;

  constructor(value: T, owner: CompletedOwner<T> | undefined, place: number | undefined) {
    super();
    this.value = value;
    this.owner = owner;
    this.place = place;
  }

  override abandon(): void {
    const { owner } = this;
    this.owner = undefined;
    realm.hooks?.observed?.(this);
    owner?.abandoned(this.value, this.place);
  }

  [Symbol.dispose](): void {
    this.abandon();
  }

  override next(): IteratorReturnResult<T> {
    this.owner = undefined;
    realm.hooks?.observed?.(this);
    return this as unknown as IteratorReturnResult<T>;
  }

  override done(): boolean {
    return true;
  }

  override cancelled(): boolean {
    return false;
  }

  override result(): T {
    this.owner = undefined;
    realm.hooks?.observed?.(this);
    return this.value;
  }

  override cancel(): boolean {
    return false;
  }

  override getLoop(): EventLoop {
    return currentLoop();
  }
}

let settling: unknown;
const settle = (resolve: (value: never) => void): void => resolve(settling as never);

class CompletedPromise<T> extends Promise<T> {
  declare readonly value: T;
  declare private owner: CompletedOwner<T> | undefined;
  declare private readonly place: number | undefined;

  constructor(owner: CompletedOwner<T> | undefined, place: number | undefined) {
    super(settle);
    this.value = settling as T;
    this.owner = owner;
    this.place = place;
  }
}

/** The methods of `Completed`, for promises, which keep their own `then`. */
const lent = /* @__PURE__ */ (() => {
  const methods: PropertyDescriptorMap = {
    ...Object.getOwnPropertyDescriptors<object>(AwaitableBase.prototype),
    ...Object.getOwnPropertyDescriptors<object>(Completed.prototype),
    constructor: {
      get(this: object & { owner: unknown }) {
        this.owner = undefined;
        realm.hooks?.observed?.(this);
        return Promise;
      },
    },
  };
  delete methods.then;
  return methods;
})();

const Promised = /* @__PURE__ */ (() => {
  Object.defineProperties<object>(CompletedPromise.prototype, lent);
  return CompletedPromise;
})();

/**
 * An awaitable that is done.
 *
 * @param value its result; thenable or not, `yield*` and `result()` give it as it is, `await` unwraps it
 * @param owner is given the value back if the operation is abandoned before anybody has observed it
 * @param place told to the owner too: where the value goes back to
 * @returns for a generator step what `yield*` is fastest with, for others a promise that is settled
 * @ordering `yield*` does not yield; `await` takes one turn of the host's promises
 * @cancellation none: it is done; `abandon()` gives a value back that no `yield*`, `await`, `then` or `result()` has seen
 * @complexity O(1); one object
 * @source CPython: awaiting what is done never yields
 */
export function completed<T>(value: T, owner?: CompletedOwner<T>, place?: number): Operation<T> {
  // A promise would subscribe to a thenable at once; this does when somebody awaits it.
  if (realm.stepping || typeof (value as { then?: unknown } | null | undefined)?.then === 'function') {
    const operation = new Completed(value, owner, place);
    realm.hooks?.operation?.(operation, owner);
    return operation;
  }
  settling = value;
  const promise = new Promised<T>(owner, place) as unknown as Operation<T>;
  settling = undefined;
  realm.hooks?.operation?.(promise, owner);
  return promise;
}

/** A promise that holds nothing has no need to see who awaits it. */
function lendTo(promise: Promise<void>): Operation<void> {
  const { constructor: _, ...methods } = lent;
  return Object.defineProperties(promise, methods) as unknown as Operation<void>;
}

let stepped: Operation<void> | undefined;
let elsewhere: Operation<void> | undefined;

/**
 * An awaitable that is done and gives nothing: as `completed(undefined)`, but always the same one.
 *
 * @returns for a generator step what `yield*` is fastest with, for others a promise that is settled
 * @ordering `yield*` does not yield; `await` takes one turn of the host's promises
 * @cancellation none: it is done, and holds nothing
 * @complexity O(1); nothing is allocated. A promise of the host's own class is what `await` is fastest with
 * @source CPython: awaiting what is done never yields
 */
export const completedVoid = (): Operation<void> =>
  realm.stepping
    ? (stepped ??= new Completed(undefined, undefined, undefined))
    : (elsewhere ??= lendTo(Promise.resolve()));
