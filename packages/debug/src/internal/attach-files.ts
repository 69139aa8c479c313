/**
 * Where a process that can be attached to and whoever attaches meet: a folder of the user's alone, with a socket and a token
 * of each process. Who cannot read the folder knows neither.
 */
import { builtin } from './builtin.js';

interface Stats {
  readonly uid: number;
  readonly mode: number;
  isDirectory(): boolean;
}

/** What is used of `node:fs`. */
export interface Files {
  mkdirSync(path: string, options: { mode: number }): void;
  lstatSync(path: string): Stats;
  chmodSync(path: string, mode: number): void;
  readdirSync(path: string): string[];
  readFileSync(path: string, encoding: 'utf8'): string;
  writeFileSync(path: string, text: string, options: { mode: number; flag: 'wx' }): void;
  rmSync(path: string, options: { force: true }): void;
}
interface Host {
  readonly process?: { readonly platform?: string; getuid?(): number };
}

/** The paths of a process. */
export interface AttachPaths {
  readonly folder: string;
  readonly socket: string;
  readonly token: string;
}

/** The signal that opens the socket. A process that does not know it ignores it. */
export const ATTACH_SIGNAL = 'SIGURG';

/** What a process of this user has there. */
export function attachPaths(pid: number): AttachPaths {
  const { process } = globalThis as Host;
  const base = (builtin<{ tmpdir(): string }>('os') as { tmpdir(): string }).tmpdir();
  const folder = `${base}/aiokit-debug-${process?.getuid?.() ?? 'user'}`;
  const socket = process?.platform === 'win32' ? `\\\\.\\pipe\\aiokit-debug-${pid}` : `${folder}/${pid}.sock`;
  return { folder, socket, token: `${folder}/${pid}.token` };
}

/**
 * Refuses a folder that others than this user may use.
 *
 * @throws Error that says whose it is
 */
export function checkFolder(files: Files, folder: string): void {
  const { process } = globalThis as Host;
  const stats = files.lstatSync(folder);
  const own = process?.getuid?.();
  if (!stats.isDirectory()) throw new Error(`${folder} is no folder`);
  if (own === undefined) return;
  if (stats.uid !== own) throw new Error(`${folder} belongs to user ${stats.uid}, not to ${own}`);
  if ((stats.mode & 0o077) !== 0) {
    throw new Error(`${folder} is open to others (mode ${(stats.mode & 0o777).toString(8)}, not 700)`);
  }
}
