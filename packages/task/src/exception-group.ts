/** Several errors at once. */
import { isErrorKind } from '@aiokit/loop-core';

const BRAND: unique symbol = Symbol.for('aiokit.ExceptionGroup') as never;

/**
 * What a task group throws: `errors` are those of its tasks, in the order in which they failed, and that of its body.
 *
 * @source GROUP-3 · CPython `ExceptionGroup`; an `AggregateError` of the platform
 */
export class ExceptionGroup extends AggregateError {
  override readonly name: string = 'ExceptionGroup';
  readonly code: string = 'EXCEPTION_GROUP';

  /**
   * @param message what they have in common
   * @param errors the errors, at least one
   * @throws TypeError if `errors` is not a list; RangeError if it is empty
   */
  constructor(message: string, errors: Iterable<unknown>) {
    const all = [...errors];
    if (all.length === 0) throw new RangeError('errors must be a non-empty list');
    super(all, `${message} (${all.length} sub-exception${all.length > 1 ? 's' : ''})`);
  }

  /** The errors that the group is of. */
  get exceptions(): readonly unknown[] {
    return this.errors as unknown[];
  }

  get [BRAND](): true {
    return true;
  }

  /**
   * The errors for which a condition holds, with the groups that they are in.
   *
   * @param matches asked for every error that is not a group
   * @returns a group like this one, or null if it holds for none
   * @source GROUP-3 · CPython `ExceptionGroup.subgroup`
   */
  subgroup(matches: (error: unknown) => boolean): ExceptionGroup | null {
    return this.split(matches)[0];
  }

  /**
   * The errors for which a condition holds, and the rest.
   *
   * @param matches asked for every error that is not a group
   * @returns two groups like this one, null for one without errors
   * @source GROUP-3 · CPython `ExceptionGroup.split`
   */
  split(matches: (error: unknown) => boolean): [ExceptionGroup | null, ExceptionGroup | null] {
    const kept: unknown[] = [];
    const rest: unknown[] = [];
    for (const error of this.exceptions) {
      if (!isExceptionGroup(error)) (matches(error) ? kept : rest).push(error);
      else {
        const [match, other] = error.split(matches);
        if (match) kept.push(match);
        if (other) rest.push(other);
      }
    }
    const message = this.message.replace(/ \(\d+ sub-exceptions?\)$/, '');
    const group = (errors: unknown[]) => (errors.length > 0 ? new ExceptionGroup(message, errors) : null);
    return [group(kept), group(rest)];
  }
}

/** Whether `error` is an `ExceptionGroup` of any copy. */
export const isExceptionGroup = (error: unknown): error is ExceptionGroup =>
  isErrorKind(error, 'ExceptionGroup');
