/**
 * A schedule as a short text. The choices are the digits of one number, each to the base of how many possibilities there
 * were, the first the lowest: what FIFO would do after the last departure costs nothing.
 */
import { refuse } from '@aiokit/loop-core';
import type { Asking, Schedule, Strategy } from './schedule.js';

const DIGITS = '0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-_';
const BITS = 6n;
const VERSION = '1';

function write(value: bigint): string {
  let text = '';
  for (let rest = value; rest > 0n; rest >>= BITS) text += DIGITS[Number(rest & 63n)];
  return text;
}

function read(text: string): bigint {
  let value = 0n;
  for (let at = text.length - 1; at >= 0; at--)
    value = (value << BITS) | BigInt(DIGITS.indexOf(text[at] as string));
  return value;
}

/** What a token says. */
export interface Token {
  readonly cancellations: number;
  readonly stepLimit: number;
  readonly check: number;
  readonly strategy: Strategy;
}

/** The token of a run. */
export function tokenOf(schedule: Schedule, cancellations: number, stepLimit: number): string {
  let value = 0n;
  for (let at = schedule.trimmed().length - 1; at >= 0; at--) {
    value = value * BigInt(schedule.widths[at] as number) + BigInt(schedule.choices[at] as number);
  }
  return [VERSION, cancellations, stepLimit.toString(36), schedule.check().toString(36), write(value)].join(
    '.',
  );
}

class Digits implements Strategy {
  #value: bigint;

  constructor(value: bigint) {
    this.#value = value;
  }

  choose(_kind: string, n: number, _at: number, _asking: Asking): number {
    const base = BigInt(n);
    const digit = Number(this.#value % base);
    this.#value /= base;
    return digit;
  }

  next(): boolean {
    return false;
  }
}

/** Reads a token. Refuses what is none. */
export function readToken(token: string): Token {
  const parts =
    typeof token === 'string' ? /^1\.(\d+)\.([0-9a-z]+)\.([0-9a-z]+)\.([\w-]*)$/.exec(token) : null;
  if (!parts) return refuse('token', 'a token of a report', token);
  const [, cancellations = '', stepLimit = '', check = '', value = ''] = parts;
  return {
    cancellations: Number(cancellations),
    stepLimit: parseInt(stepLimit, 36),
    check: parseInt(check, 36),
    strategy: new Digits(read(value)),
  };
}
