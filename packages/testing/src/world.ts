/** What a program that is explored is given. */
import type { Task, TaskSource } from '@aiokit/task';
import type { VirtualLoop } from '@aiokit/loop-core/virtual';

/** What a program that is explored is given, anew in each run. */
export interface World {
  /** The loop of the run; its clock is virtual. */
  readonly loop: VirtualLoop;
  /**
   * Makes a task, as `createTask` does.
   *
   * @param source a generator function, an async function, or what else can be a task
   * @param name its name in reports
   */
  spawn<T>(source: TaskSource<T>, name?: string): Task<T>;
  /**
   * Chooses; the exploration tries every answer.
   *
   * @param n how many possibilities there are, 1 or more
   * @returns 0 to n - 1
   */
  choose(n: number): number;
  /**
   * Says what must hold after every step.
   *
   * @param holds false, or an exception, means that it does not
   * @param message what is said then
   */
  invariant(holds: () => boolean | void, message?: string): void;
  /**
   * Says what must hold when the run is over.
   *
   * @param holds false, or an exception, means that it does not
   * @param message what is said then
   */
  atEnd(holds: () => boolean | void, message?: string): void;
  /**
   * Writes something into the table of steps.
   *
   * @param text a few words
   */
  note(text: string): void;
  /**
   * Gives a primitive the name that reports use.
   *
   * @param thing a lock, a queue, or the like
   * @param name the name
   * @returns the thing
   */
  label<P extends object>(thing: P, name: string): P;
}

/** What can be explored: the main function of a program, or a plain function that spawns tasks. */
export type Program = (world: World) => unknown;
