/** The Python interpreter, a process that answers a line with a line. */
import { spawn, spawnSync, type ChildProcessByStdio } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import type { Program } from './program.js';

/** The version that decides. */
export const REFERENCE = '3.13.0';

const versionOf = (command: string, env: NodeJS.ProcessEnv): string | undefined => {
  const { status, stdout } = spawnSync(
    command,
    ['-c', 'import platform; print(platform.python_implementation(), platform.python_version())'],
    { encoding: 'utf8', env },
  );
  return status === 0 ? /^CPython (.+)$/m.exec(stdout)?.[1] : undefined;
};

/** Where the reference version is: `AIOKIT_PYTHON`, pyenv's, or on the path; undefined if nowhere. */
export function findPython(env: NodeJS.ProcessEnv = process.env): string | undefined {
  const versions = join(env['PYENV_ROOT'] ?? join(homedir(), '.pyenv'), 'versions');
  const known = existsSync(versions) ? readdirSync(versions).filter((name) => name === REFERENCE) : [];
  const candidates = [
    env['AIOKIT_PYTHON'],
    ...known.map((name) => join(versions, name, 'bin', 'python3')),
    'python3.13',
    'python3',
  ];
  return candidates.find((one) => one !== undefined && versionOf(one, env) === REFERENCE);
}

const script = (name: string): string => fileURLToPath(new URL(`../python/${name}`, import.meta.url));

const quiet: NodeJS.ProcessEnv = {
  ...process.env,
  PYTHONDONTWRITEBYTECODE: '1',
  PYTHONASYNCIODEBUG: '',
  PYTHONUTF8: '1',
};

/** The recorded traces of those of many programs that are worth keeping. */
export function recordAll(command: string, programs: readonly Program[]): string {
  const input = programs.map((program) => `${JSON.stringify(program)}\n`).join('');
  const { status, stdout } = spawnSync(command, [script('record.py')], {
    input,
    env: quiet,
    encoding: 'utf8',
    maxBuffer: Infinity,
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  if (status !== 0) throw new Error('the Python process has failed');
  return stdout;
}

/** What a program does on asyncio with the differences in place, and which of them it depends on. */
export interface Apart {
  readonly trace: string;
  readonly ids: readonly string[];
}

export class Python {
  readonly #child: ChildProcessByStdio<Writable, Readable, null>;
  readonly #answers: ((line: string) => void)[] = [];
  readonly version: Promise<string>;

  constructor(command: string) {
    this.#child = spawn(command, [script('main.py')], { stdio: ['pipe', 'pipe', 'inherit'], env: quiet });
    createInterface(this.#child.stdout).on('line', (line) => this.#answers.shift()?.(line));
    this.#child.on('exit', () => {
      for (const answer of this.#answers.splice(0)) answer('null');
    });
    this.version = this.#next() as Promise<string>;
  }

  /** The traces of programs on asyncio as it is. */
  async run(programs: readonly Program[]): Promise<string[]> {
    return (await this.#ask('run', programs)) as string[];
  }

  /** The trace of a program with the differences in place. */
  async apart(program: Program): Promise<Apart> {
    const [answer] = await this.#ask('apart', [program]);
    return answer as Apart;
  }

  /** The lines of the recorded traces. */
  async record(programs: readonly Program[]): Promise<string[]> {
    return (await this.#ask('record', programs)) as string[];
  }

  close(): void {
    this.#child.stdin.end();
  }

  #ask(how: 'run' | 'apart' | 'record', programs: readonly Program[]): Promise<unknown[]> {
    const answers = Promise.all(programs.map(() => this.#next()));
    this.#child.stdin.write(programs.map((program) => `${JSON.stringify({ how, program })}\n`).join(''));
    return answers;
  }

  #next(): Promise<unknown> {
    return new Promise((resolve, reject) => {
      this.#answers.push((line) => {
        if (line === 'null') reject(new Error('the Python process has ended'));
        else resolve(JSON.parse(line));
      });
    });
  }
}
