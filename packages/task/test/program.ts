/** Programs of a user, run by a Node of their own: what happens at the end of a process shows nowhere else. */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { buildSync } from 'esbuild';

export interface Ended {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

const fromSource = (import.meta as { env?: { MODE?: string } }).env?.MODE !== 'dist';

/** Bundles the text of a module that may import the packages of the family. */
export function buildProgram(text: string): string {
  const built = buildSync({
    stdin: {
      contents: text,
      resolveDir: fileURLToPath(new URL('.', import.meta.url)),
      sourcefile: 'program.mjs',
    },
    bundle: true,
    write: false,
    format: 'esm',
    platform: 'node',
    target: 'es2022',
    conditions: fromSource ? ['@aiokit/source'] : [],
    logLevel: 'silent',
  });
  return built.outputFiles[0]?.text ?? '';
}

/** Runs such a module, and waits for its end. */
export function runProgram(text: string, ...flags: string[]): Ended {
  const { status, stdout, stderr } = spawnSync(process.execPath, [...flags, '--input-type=module', '-'], {
    input: buildProgram(text),
    encoding: 'utf8',
    timeout: 20_000,
  });
  return { status, stdout, stderr };
}
