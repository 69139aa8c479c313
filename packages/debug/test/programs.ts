/** Whole programs, each one file with all that it imports, in processes of their own. */
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bundleProgram } from '../../../tools/test-setup/bundle-program.js';

/** A program that runs. */
export interface Running {
  readonly child: ChildProcessWithoutNullStreams;
  /** All that it has printed so far. */
  readonly printed: () => string;
  /** Waits until something is printed. */
  readonly until: (text: RegExp) => Promise<RegExpExecArray>;
  /** Waits for its end, and returns how it ended and all that it has printed. */
  readonly end: () => Promise<{ status: number | null; printed: string }>;
}

/** A folder of programs. */
export class Programs {
  readonly folder: string = mkdtempSync(join(tmpdir(), 'aiokit-'));
  readonly #running = new Set<ChildProcessWithoutNullStreams>();

  /** Starts a program. It finds the path of a file that `stop` makes in `AIOKIT_TEST_STOP`. */
  start(name: string, code: string, options: { args?: string[]; env?: NodeJS.ProcessEnv } = {}): Running {
    const outfile = join(this.folder, `${name}.mjs`);
    bundleProgram(code, { resolveDir: import.meta.dirname, outfile, sourcefile: `${name}.ts` });
    return this.run(process.execPath, [...(options.args ?? []), outfile], {
      AIOKIT_TEST_STOP: this.#stopFile(name),
      ...options.env,
    });
  }

  /** Runs a command. */
  run(command: string, args: string[], env: NodeJS.ProcessEnv = {}): Running {
    const child = spawn(command, args, { env: { ...process.env, ...env } });
    this.#running.add(child);
    let text = '';
    const watchers = new Set<() => void>();
    const add = (chunk: Buffer) => {
      text += chunk.toString();
      for (const watcher of watchers) watcher();
    };
    child.stdout.on('data', add);
    child.stderr.on('data', add);
    const closed = once(child, 'close') as Promise<[number | null]>;
    const ended = closed.then(() => {
      this.#running.delete(child);
      for (const watcher of watchers) watcher();
    });
    const until = (wanted: RegExp) =>
      new Promise<RegExpExecArray>((resolve, reject) => {
        const look = () => {
          const found = wanted.exec(text);
          if (found) resolve(found);
          else if (child.exitCode !== null) reject(new Error(`ended without ${wanted}: ${text}`));
          else return;
          watchers.delete(look);
        };
        watchers.add(look);
        look();
      });
    const end = async () => {
      await ended;
      return { status: child.exitCode, printed: text };
    };
    return { child, printed: () => text, until, end };
  }

  /** Lets a program go on that waits for it. */
  stop(name: string): void {
    writeFileSync(this.#stopFile(name), '');
  }

  /** Ends what runs still, and removes the folder. */
  clear(): void {
    for (const child of this.#running) child.kill('SIGKILL');
    rmSync(this.folder, { recursive: true });
  }

  #stopFile(name: string): string {
    return join(this.folder, `${name}.stop`);
  }
}
