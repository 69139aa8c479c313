import {
  type AiokitError,
  CancelledError,
  defineError,
  isCancelledError,
  isErrorKind,
  isTimeoutError,
  makeCancelledError,
  RuntimeError,
  TimeoutError,
} from '@aiokit/loop-core';
import { expectTypeOf, test } from 'vitest';

test('the codes are literal types, but for RuntimeError’s, which differ', () => {
  expectTypeOf(new CancelledError().code).toEqualTypeOf<'CANCELLED'>();
  expectTypeOf(new TimeoutError('late').code).toEqualTypeOf<'TIMEOUT'>();
  expectTypeOf(new RuntimeError('x', { code: 'OWN' }).code).toEqualTypeOf<string>();
  expectTypeOf(makeCancelledError()).toEqualTypeOf<CancelledError>();
  // @ts-expect-error a code is not to be changed
  new CancelledError().code = 'CANCELLED';
});

test('the guards narrow', () => {
  expectTypeOf(isCancelledError).guards.toEqualTypeOf<CancelledError>();
  expectTypeOf(isTimeoutError).guards.toEqualTypeOf<TimeoutError>();
  expectTypeOf(isErrorKind(null, 'CancelledError')).toEqualTypeOf<boolean>();
});

test('defineError gives a class of the type that is asked for', () => {
  interface OwnError extends AiokitError {
    readonly code: 'OWN';
  }
  const OwnError = defineError<OwnError>('OwnError', 'OWN');
  expectTypeOf(new OwnError('text', { cause: 1 }).code).toEqualTypeOf<'OWN'>();
  const Narrow = defineError<OwnError>('Narrow', 'OWN', OwnError);
  expectTypeOf(new Narrow()).toEqualTypeOf<OwnError>();
  // @ts-expect-error a message is a text
  new OwnError(1);
});
