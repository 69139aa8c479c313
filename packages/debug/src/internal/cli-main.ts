/** The command `aiokit-debug`: what its arguments say, and what it prints. */
import type { TaskInfo } from '../inspect.js';
import { builtin } from './builtin.js';
import { attach, type Client } from './cli-client.js';
import { harmless, widthOf } from './cli-text.js';
import { watch } from './cli-watch.js';
import { type Sort, SORTS } from './snapshot.js';

const USAGE = `aiokit-debug: what the tasks of a running program do

  aiokit-debug ps <pid>      lists the pending tasks; --json for programs
  aiokit-debug pstree <pid>  as a tree: who waits for whom
  aiokit-debug watch <pid>   as top does; --interval <ms>, --sort ${SORTS.join('|')}

The program was started with node --import @aiokit/debug/register, or calls allowAttach().`;

interface Stream {
  readonly isTTY?: boolean;
  readonly columns?: number;
  readonly rows?: number;
  write(text: string): void;
  on(event: string, listener: (chunk: string) => void): void;
  off(event: string, listener: (chunk: string) => void): void;
  setRawMode?(raw: boolean): void;
  setEncoding?(encoding: 'utf8'): void;
  resume?(): void;
  pause?(): void;
}

/** What the command needs of its process. */
export interface CliProcess {
  readonly stdin: Stream;
  readonly stdout: Stream;
  readonly stderr: Stream;
  readonly env: Readonly<Record<string, string | undefined>>;
  exitCode: number | undefined;
  on(event: string, listener: () => void): void;
  off(event: string, listener: () => void): void;
}
interface Util {
  parseArgs(config: object): {
    readonly values: Readonly<Record<string, string | boolean | undefined>>;
    readonly positionals: readonly string[];
  };
}

declare const performance: { now(): number };
declare const setTimeout: (callback: () => void, delayMs: number) => unknown;
declare const clearTimeout: (timer: unknown) => void;

const PATIENCE_MS = 3000;
const COMMANDS = ['ps', 'pstree', 'watch'];

/** What was asked for. */
export interface Command {
  readonly name: string;
  readonly pid: number;
  readonly json: boolean;
  readonly intervalMs: number;
  readonly sort: Sort;
}

/**
 * Reads the arguments.
 *
 * @returns undefined if help is asked for
 * @throws Error that says which argument is wrong
 */
export function parseCommand(args: readonly string[]): Command | undefined {
  const { values, positionals } = (builtin<Util>('util') as Util).parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      help: { type: 'boolean', short: 'h' },
      json: { type: 'boolean' },
      interval: { type: 'string' },
      sort: { type: 'string' },
    },
  });
  if (values['help'] || (args.length === 0 && positionals.length === 0)) return undefined;
  const [name = '', process = '', ...rest] = positionals;
  if (!COMMANDS.includes(name))
    throw new Error(`the command must be one of ${COMMANDS.join(', ')}, got ${name}`);
  if (!/^[1-9]\d*$/.test(process)) throw new Error(`the process must be a number, got ${process || 'none'}`);
  if (rest.length > 0) throw new Error(`there is one process, got ${rest.join(' ')} too`);
  const interval = values['interval'] ?? '1000';
  const intervalMs = Number(interval);
  if (!(intervalMs >= 100 && intervalMs <= 3_600_000)) {
    throw new Error(`--interval must be from 100 to 3600000 milliseconds, got ${String(interval)}`);
  }
  const sort = (values['sort'] ?? 'since') as Sort;
  if (!SORTS.includes(sort)) throw new Error(`--sort must be one of ${SORTS.join(', ')}, got ${sort}`);
  return { name, pid: Number(process), json: values['json'] === true, intervalMs, sort };
}

/** The tasks as a table, as `python -m asyncio ps` prints them. */
export function tableOf(tasks: readonly TaskInfo[]): string {
  const rows = tasks.map((task) => [
    task.name,
    task.cancelling ? 'cancelling' : task.state,
    task.waitsFor.join(', '),
    task.heldBy.join(', '),
    task.sinceMs === undefined ? '' : `${(task.sinceMs / 1000).toFixed(3)} s`,
    task.where ?? '',
  ]);
  const all = [['task', 'state', 'waits for', 'held by', 'since', 'where'], ...rows];
  const widths = [0, 1, 2, 3, 4].map((at) =>
    all.reduce((most, cells) => Math.max(most, widthOf(cells[at] ?? '')), 0),
  );
  return all
    .map((cells) =>
      cells
        .map((cell, at) => cell + ' '.repeat(Math.max(0, (widths[at] ?? 0) - widthOf(cell))))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

function watchOn(
  process: CliProcess,
  client: Client,
  { intervalMs, sort }: Command,
): Promise<'quit' | 'gone'> {
  const { stdin, stdout, env } = process;
  let stop = (): void => {};
  const stopped = new Promise<void>((resolve) => {
    stop = resolve;
  });
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'];
  for (const signal of signals) process.on(signal, stop);
  stdout.on('error', stop);
  const terminal = {
    get columns() {
      return stdout.columns ?? 80;
    },
    get rows() {
      return stdout.rows ?? 24;
    },
    write: (text: string) => stdout.write(text),
    keys(listener: (text: string) => void) {
      stdin.setRawMode?.(true);
      stdin.setEncoding?.('utf8');
      stdin.on('data', listener);
      stdin.on('end', stop);
      stdin.resume?.();
      return () => {
        stdin.off('data', listener);
        stdin.off('end', stop);
        stdin.setRawMode?.(false);
        stdin.pause?.();
      };
    },
    resized(listener: () => void) {
      stdout.on('resize', listener);
      return () => stdout.off('resize', listener);
    },
  };
  const clock = {
    now: () => performance.now(),
    later(delayMs: number, callback: () => void) {
      const timer = setTimeout(callback, delayMs);
      return () => clearTimeout(timer);
    },
  };
  const colours = !env['NO_COLOR'];
  return watch(client, terminal, clock, { intervalMs, sort, colours }, stopped).finally(() => {
    for (const signal of signals) process.off(signal, stop);
  });
}

/**
 * Runs the command.
 *
 * @param args what stands behind its name
 * @param process the command's own
 */
export async function main(args: readonly string[], process: CliProcess): Promise<void> {
  const { stdout, stderr, stdin } = process;
  let client: Client | undefined;
  try {
    const command = parseCommand(args);
    if (!command) return stdout.write(`${USAGE}\n`);
    const { name, pid, json } = command;
    if (name === 'watch' && !(stdout.isTTY && stdin.isTTY)) {
      throw new Error(`watch needs a terminal; aiokit-debug ps ${pid} prints the same once`);
    }
    client = await attach(pid, PATIENCE_MS);
    if (name === 'watch') {
      if ((await watchOn(process, client, command)) === 'gone') stdout.write(`process ${pid} has ended\n`);
      return;
    }
    const answer = await client.ask({ ask: name });
    const text = json
      ? JSON.stringify(answer, null, 2)
      : name === 'ps'
        ? tableOf(answer as TaskInfo[])
        : (answer as string);
    stdout.write(`${json ? text : harmless(text)}\n`);
  } catch (error) {
    stderr.write(`aiokit-debug: ${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  } finally {
    client?.close();
  }
}
