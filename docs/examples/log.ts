/**
 * A log as Python's `logging.basicConfig` sets it up, with the format
 * `%(asctime)s %(filename)s:%(lineno)d %(message)s`. As in Python, it takes the loop's own reports too.
 */
import { inspect } from 'node:util';
import { type Logger, setLogger } from '@aiokit/loop-core';

/** Where the log was called: the first place of the stack outside this file. */
function place(): string {
  const places = (new Error().stack ?? '').matchAll(/([^\s/\\(]+):(\d+):\d+\)?$/gm);
  const [, file, line] = [...places].find(([, name]) => name !== 'log.ts') ?? [];
  return `${file}:${line}`;
}

function time(now: Date): string {
  const pad = (value: number, digits = 2) => String(value).padStart(digits, '0');
  const day = `${now.getFullYear()}-${pad(now.getMonth() + 1)}-${pad(now.getDate())}`;
  const second = `${pad(now.getHours())}:${pad(now.getMinutes())}:${pad(now.getSeconds())}`;
  return `${day} ${second},${pad(now.getMilliseconds(), 3)}`;
}

function log(message: string, ...details: unknown[]): void {
  console.log(`${time(new Date())} ${place()} ${message}`, ...details);
}

/** A list or a set as Python shows it. */
export function repr(values: readonly unknown[] | ReadonlySet<unknown>): string {
  const items = [...values].map((value) => inspect(value)).join(', ');
  if (Array.isArray(values)) return `[${items}]`;
  return items === '' ? 'set()' : `{${items}}`;
}

export const LOG: Logger = { debug: log, info: log, warn: log, error: log };

setLogger(LOG);
