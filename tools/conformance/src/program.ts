/**
 * The format of a program: JSON that both interpreters understand.
 *
 * A step is a list: its name, then its arguments. A name of a thing is a letter for its kind and a number, such as `L0`, the
 * first lock; it is made when it is first used. `T3` is the fourth task that was made, counted round. A source is such a name,
 * or a list of steps, which stands for a coroutine.
 */
export type Step = readonly [name: string, ...args: unknown[]];
export type Steps = readonly Step[];
export type Source = string | Steps;

/** `fifo`, `lifo` or `priority`, and the `maxsize`. */
export type QueueSize = readonly [kind: string, maxsize: number];

/** A step that is done from outside: before which iteration of which instant. */
export type Outside = readonly [ms: number, count: number, ...step: Step];

export interface Program {
  /** The values of the semaphores. */
  readonly S?: readonly number[];
  /** The values of the bounded semaphores. */
  readonly B?: readonly number[];
  /** The parties of the barriers. */
  readonly W?: readonly number[];
  readonly Q?: readonly QueueSize[];
  /** Those that are made first. */
  readonly tasks: readonly Steps[];
  readonly at?: readonly Outside[];
}
