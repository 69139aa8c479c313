/** What the programs logged in asyncio, and in their tutorial. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * The logs of the tutorial (asynctest.py, asynctest1.py on Python 3.5), without the line of the selector that asyncio
 * chose. Of the third program the tutorial shows the end only.
 */
export const TUTORIAL = {
  'future-callback': `
    2018-01-02 08:05:12,957 asynctest.py:35 start
    2018-01-02 08:05:12,960 asynctest.py:38 enabling debugging
    2018-01-02 08:05:12,961 asynctest.py:50 entering event loop
    2018-01-02 08:05:12,961 asynctest.py:24 start operation
    2018-01-02 08:05:12,962 asynctest.py:26 operation1
    2018-01-02 08:05:12,963 asynctest1.py:13 start operationsub
    2018-01-02 08:05:12,963 asynctest1.py:14 operationsub10
    2018-01-02 08:05:13,163 asynctest.py:29 operation2
    2018-01-02 08:05:13,965 asynctest1.py:16 operationsub11
    2018-01-02 08:05:13,966 asynctest.py:16 operation is done!
    2018-01-02 08:05:16,167 asynctest.py:31 operation3`,
  'future-cancel': `
    2018-01-02 08:16:08,612 asynctest.py:34 start
    2018-01-02 08:16:08,614 asynctest.py:37 enabling debugging
    2018-01-02 08:16:08,615 asynctest.py:49 entering event loop
    2018-01-02 08:16:08,615 asynctest.py:23 start operation
    2018-01-02 08:16:08,616 asynctest.py:25 operation1
    2018-01-02 08:16:08,617 asynctest1.py:13 start operationsub
    2018-01-02 08:16:08,617 asynctest1.py:14 operationsub10
    2018-01-02 08:16:08,817 asynctest.py:28 operation2
    2018-01-02 08:16:08,818 asynctest.py:16 stop_operation
    2018-01-02 08:16:09,619 asynctest1.py:16 operationsub11
    2018-01-02 08:16:11,821 asynctest.py:30 operation3`,
  'future-cancel-unchecked': `
    2018-01-02 08:09:53,100 asynctest.py:28 operation2
    2018-01-02 08:09:53,101 asynctest.py:16 stop_operation
    2018-01-02 08:09:53,903 asynctest1.py:16 operationsub11
    2018-01-02 08:09:56,105 asynctest.py:30 operation3
    2018-01-02 08:09:56,106 base_events.py:1258 Task exception was never retrieved`,
  event: `
    2018-01-03 03:17:14,957 asynctest.py:34 start
    2018-01-03 03:17:14,960 asynctest.py:37 enabling debugging
    2018-01-03 03:17:14,961 asynctest.py:49 entering event loop
    2018-01-03 03:17:14,961 asynctest.py:23 start operation
    2018-01-03 03:17:14,962 asynctest.py:25 operation1
    2018-01-03 03:17:14,963 asynctest1.py:13 start operationsub
    2018-01-03 03:17:14,963 asynctest1.py:14 operationsub10
    2018-01-03 03:17:15,163 asynctest.py:28 operation2
    2018-01-03 03:17:15,164 asynctest1.py:16 operationsub11
    2018-01-03 03:17:18,168 asynctest.py:30 operation3`,
  queue: `
    2018-01-03 04:26:01,481 asynctest.py:38 start
    2018-01-03 04:26:01,484 asynctest.py:41 enabling debugging
    2018-01-03 04:26:01,485 asynctest.py:53 entering event loop
    2018-01-03 04:26:01,486 asynctest.py:22 start operation
    2018-01-03 04:26:01,486 asynctest.py:24 operation1
    2018-01-03 04:26:01,487 asynctest1.py:13 start operationsub
    2018-01-03 04:26:01,488 asynctest1.py:14 operationsub10
    2018-01-03 04:26:01,688 asynctest.py:27 operation2
    2018-01-03 04:26:01,689 asynctest1.py:18 queuedata:['start', 1, 2, 3]
    2018-01-03 04:26:01,890 asynctest.py:30 operation3
    2018-01-03 04:26:01,891 asynctest1.py:18 queuedata:['next', 4, 5, 6]
    2018-01-03 04:26:02,092 asynctest1.py:18 queuedata:['stop', 7, 8, 9]
    2018-01-03 04:26:02,093 asynctest1.py:23 operationsub11
    2018-01-03 04:26:05,095 asynctest.py:34 operation4`,
};

export interface Line {
  /** In milliseconds. */
  readonly at: number;
  readonly module: string;
  readonly message: string;
}

/** The log lines of a text, their times counted from the first one in tenths of a second. */
export function linesOf(text: string): Line[] {
  const found = [...text.matchAll(/(\S+ \S+),(\d{3}) (\w+)\.py:\d+ (.*)/g)];
  const times = found.map(([, second, ms]) => Date.parse(`${second}Z`) + Number(ms));
  return found.map(([, , , module = '', message = ''], index) => ({
    at: Math.round(((times[index] ?? 0) - (times[0] ?? 0)) / 100) * 100,
    module,
    message,
  }));
}

/** A program with one delay in it altered, 0 for none, and what asyncio logs then. */
export interface Altered {
  readonly name: string;
  readonly from: number;
  readonly to: number;
  readonly log: string;
}

/** What asyncio-programs.py has printed. */
export const altered: readonly Altered[] = readFileSync(
  join(import.meta.dirname, 'asyncio-programs.txt'),
  'utf8',
)
  .trimEnd()
  .split('\n')
  .map((line) => /^(.+?), (\d+) -> (\d+): (.*)$/.exec(line) ?? [])
  .map(([, name = '', from, to, log = '']) => ({ name, from: Number(from), to: Number(to), log }));
