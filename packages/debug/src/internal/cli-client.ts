/** How `aiokit-debug` attaches to a process: it finds the token, or asks for it by the signal, and connects. */
import { ATTACH_SIGNAL, attachPaths, checkFolder, type Files } from './attach-files.js';
import { builtin } from './builtin.js';

interface Socket {
  on(event: 'data', listener: (chunk: { toString(): string }) => void): void;
  on(event: 'close' | 'connect', listener: () => void): void;
  on(event: 'error', listener: (error: unknown) => void): void;
  setEncoding(encoding: 'utf8'): void;
  write(text: string): void;
  destroy(): void;
}
interface Net {
  createConnection(path: string): Socket;
}
interface Process {
  readonly platform: string;
  kill(pid: number, signal: string | number): void;
}

declare const setTimeout: (callback: () => void, delayMs: number) => unknown;

/** One that is attached to a process. */
export interface Client {
  /** Asks a question; the answer comes when the process has time for it. */
  ask(question: object): Promise<unknown>;
  close(): void;
  /** Settles when the process has gone. */
  readonly closed: Promise<void>;
}

const sleep = (delayMs: number): Promise<void> => new Promise((resolve) => void setTimeout(resolve, delayMs));

function readToken(pid: number): string | undefined {
  const files = builtin<Files>('fs') as Files;
  const { folder, token } = attachPaths(pid);
  try {
    checkFolder(files, folder);
  } catch (error) {
    if ((error as { code?: string }).code === 'ENOENT') return undefined;
    throw error;
  }
  try {
    return files.readFileSync(token, 'utf8');
  } catch {
    return undefined;
  }
}

/** Connects and says the token; undefined if nobody listens. */
function connect(pid: number, token: string): Promise<Client | undefined> {
  const net = builtin<Net>('net') as Net;
  return new Promise((resolve, reject) => {
    const socket = net.createConnection(attachPaths(pid).socket);
    const waiting: { resolve(answer: unknown): void; reject(error: Error): void }[] = [];
    let text = '';
    let closed = (): void => {};
    let gone = false;
    const goneError = () => new Error(`process ${pid} has gone`);
    const ask = (question: object): Promise<unknown> =>
      new Promise((settle, fail) => {
        if (gone) throw goneError();
        waiting.push({ resolve: settle, reject: fail });
        socket.write(`${JSON.stringify(question)}\n`);
      });
    const client = {
      ask,
      close: () => socket.destroy(),
      closed: new Promise<void>((settle) => {
        closed = settle;
      }),
    };
    socket.setEncoding('utf8');
    socket.on('connect', () => {
      ask({ token }).then(() => resolve(client), reject);
    });
    socket.on('data', (chunk) => {
      text += chunk.toString();
      for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n')) {
        const reply = JSON.parse(text.slice(0, at)) as { readonly answer?: unknown; readonly error?: string };
        text = text.slice(at + 1);
        const asker = waiting.shift();
        if (reply.error === undefined) asker?.resolve(reply.answer);
        else asker?.reject(new Error(reply.error));
      }
    });
    socket.on('error', () => resolve(undefined));
    socket.on('close', () => {
      gone = true;
      for (const asker of waiting.splice(0)) asker.reject(goneError());
      resolve(undefined);
      closed();
    });
  });
}

/**
 * Attaches to a process.
 *
 * @param pid its number
 * @param patienceMs how long it may take to answer
 * @throws Error that says what to do if there is none, or it does not answer
 */
export async function attach(pid: number, patienceMs: number): Promise<Client> {
  const { process } = globalThis as unknown as { process: Process };
  try {
    process.kill(pid, 0);
  } catch (error) {
    const foreign = (error as { code?: string }).code === 'EPERM';
    throw new Error(foreign ? `process ${pid} belongs to another user` : `there is no process ${pid}`, {
      cause: error,
    });
  }
  const first = readToken(pid);
  const client = first === undefined ? undefined : await connect(pid, first);
  if (client) return client;
  for (let passed = 0; passed < patienceMs; passed += 50) {
    // Again and again: a process that has just begun ignores it.
    if (process.platform !== 'win32' && passed % 250 === 0) process.kill(pid, ATTACH_SIGNAL);
    await sleep(50);
    const token = readToken(pid);
    if (token === undefined || token === first) continue;
    const made = await connect(pid, token);
    if (made) return made;
  }
  throw new Error(
    `process ${pid} does not answer. It is started with node --import @aiokit/debug/register, or calls allowAttach(); and a loop that is blocked answers later`,
  );
}
