/**
 * The socket that `aiokit-debug` attaches to. Lines of JSON: the token first, then questions, one at a time. It keeps no
 * process alive, and closes when nobody has been there for a while.
 */
import { getLogger } from '@aiokit/loop-core';
import { type AttachPaths, attachPaths, checkFolder, type Files } from './attach-files.js';
import { builtin } from './builtin.js';

interface Socket {
  on(event: 'data', listener: (chunk: { toString(): string }) => void): void;
  on(event: 'drain' | 'close', listener: () => void): void;
  on(event: 'error', listener: (error: unknown) => void): void;
  write(text: string): boolean;
  end(text: string, sent: () => void): void;
  destroy(): void;
  pause(): void;
  resume(): void;
  unref(): void;
}
interface Server {
  maxConnections: number;
  on(event: 'error', listener: (error: unknown) => void): void;
  listen(path: string, listener: () => void): void;
  close(): void;
  unref(): void;
}
interface Crypto {
  randomBytes(count: number): { toString(encoding: 'hex'): string };
  createHash(name: 'sha256'): { update(text: string): { digest(): Uint8Array } };
  timingSafeEqual(one: Uint8Array, other: Uint8Array): boolean;
}
interface Process {
  readonly pid: number;
  kill(pid: number, signal: 0): void;
  once(event: 'exit', listener: () => void): void;
  off(event: 'exit', listener: () => void): void;
}

/** What answers the questions of one that is attached. */
export interface Answering {
  answer(question: Readonly<Record<string, unknown>>): unknown;
  /** It has left. */
  left(): void;
}

declare const setTimeout: (callback: () => void, delayMs: number) => { unref?(): void };
declare const clearTimeout: (timer: unknown) => void;

/** Whoever has not said the token by then is sent away. */
const PATIENCE_MS = 2000;
/** The socket is closed when nobody was attached for so long. */
const LINGER_MS = 10_000;
const LONGEST_LINE = 4096;

function after(delayMs: number, callback: () => void): unknown {
  const timer = setTimeout(callback, delayMs);
  timer.unref?.();
  return timer;
}

/** What attach has failed with, said once for each text. */
const said = /* @__PURE__ */ new Set<string>();
function complain(what: string, error: unknown): void {
  const text = `attach: ${what}: ${String(error)}`;
  if (said.has(text)) return;
  said.add(text);
  getLogger().error(text);
}

/** Serves one that has connected. */
function serve(socket: Socket, isToken: (token: unknown) => boolean, answering: () => Answering): void {
  let attached: Answering | undefined;
  let text = '';
  let full = false;
  let refused = false;
  const refuse = () => {
    refused = true;
    socket.end(`${JSON.stringify({ error: 'refused' })}\n`, () => socket.destroy());
  };
  const impatient = after(PATIENCE_MS, () => socket.destroy());
  const take = (line: string): void => {
    let question: Record<string, unknown>;
    try {
      const value: unknown = JSON.parse(line);
      question = typeof value === 'object' && value !== null ? (value as typeof question) : {};
    } catch {
      return refuse();
    }
    if (!attached) {
      if (!isToken(question['token'])) return refuse();
      clearTimeout(impatient);
      attached = answering();
    }
    let reply: object;
    try {
      reply = { answer: attached.answer(question) ?? null };
    } catch (error) {
      complain('a question has failed', error);
      reply = { error: String(error) };
    }
    full = !socket.write(`${JSON.stringify(reply)}\n`);
  };
  const goOn = (): void => {
    // Whoever does not read gets no more answers, so none pile up.
    for (let at = text.indexOf('\n'); at >= 0 && !full && !refused; at = text.indexOf('\n')) {
      const line = text.slice(0, at);
      text = text.slice(at + 1);
      take(line);
    }
    if (refused) text = '';
    else if (text.length > LONGEST_LINE) refuse();
    else if (full) socket.pause();
    else socket.resume();
  };
  socket.on('data', (chunk) => {
    text += chunk.toString();
    goOn();
  });
  socket.on('drain', () => {
    full = false;
    goOn();
  });
  // A client that goes away in the middle is no error of this process.
  socket.on('error', () => socket.destroy());
  socket.on('close', () => {
    clearTimeout(impatient);
    attached?.left();
    attached = undefined;
  });
  socket.unref();
}

/** Whether a process that was killed has left its files. */
function isDead(pid: number): boolean {
  try {
    (globalThis as unknown as { process: Process }).process.kill(pid, 0);
    return false;
  } catch (error) {
    return (error as { code?: string }).code === 'ESRCH';
  }
}

/** The socket, if it is open. */
let listening: { close(): void; look(): void } | undefined;
/** Of those who have it open, how many want it to stay so. */
let users = 0;
let staying = 0;

function listen(paths: AttachPaths, answering: () => Answering): void {
  const files = builtin<Files>('fs') as Files;
  const crypto = builtin<Crypto>('crypto') as Crypto;
  const net = builtin<{ createServer(listener: (socket: Socket) => void): Server }>('net');
  const { process } = globalThis as unknown as { process: Process };
  try {
    files.mkdirSync(paths.folder, { mode: 0o700 });
  } catch {
    // It is there, or the check says what is wrong.
  }
  checkFolder(files, paths.folder);
  for (const name of files.readdirSync(paths.folder)) {
    if (isDead(Number.parseInt(name, 10))) files.rmSync(`${paths.folder}/${name}`, { force: true });
  }
  const token = crypto.randomBytes(32).toString('hex');
  const digest = (text: string) => crypto.createHash('sha256').update(text).digest();
  const isToken = (given: unknown) =>
    typeof given === 'string' && crypto.timingSafeEqual(digest(given), digest(token));
  const remove = () => {
    for (const path of [paths.token, paths.socket]) files.rmSync(path, { force: true });
  };
  remove();
  let guests = 0;
  let idle: unknown;
  const look = () => {
    clearTimeout(idle);
    idle = guests > 0 || staying > 0 ? undefined : after(LINGER_MS, close);
  };
  const server = (net as NonNullable<typeof net>).createServer((socket) => {
    guests++;
    look();
    socket.on('close', () => {
      guests--;
      if (listening === own) look();
    });
    serve(socket, isToken, answering);
  });
  const close = () => {
    if (listening !== own) return;
    listening = undefined;
    clearTimeout(idle);
    process.off('exit', remove);
    server.close();
    remove();
  };
  const own = { close, look };
  listening = own;
  server.maxConnections = 8;
  server.on('error', (error) => {
    complain('the socket has failed', error);
    close();
  });
  server.listen(paths.socket, () => {
    try {
      if (!paths.socket.startsWith('\\\\')) files.chmodSync(paths.socket, 0o600);
      // Whoever attaches waits for the token: it comes last.
      files.writeFileSync(paths.token, token, { mode: 0o600, flag: 'wx' });
    } catch (error) {
      complain('the socket is not opened', error);
      close();
    }
  });
  server.unref();
  process.once('exit', remove);
  look();
}

/**
 * Opens the socket, unless it is open.
 *
 * @param answering makes what answers one that attaches
 * @param stays whether it stays open when nobody is attached, as long as one who has opened it so has not left
 * @returns leaves: the last one closes it; those that are attached stay so
 */
export function openAttach(answering: () => Answering, stays: boolean): () => void {
  users++;
  if (stays) staying++;
  try {
    if (listening) listening.look();
    else listen(attachPaths((globalThis as unknown as { process: Process }).process.pid), answering);
  } catch (error) {
    complain('the socket is not opened', error);
  }
  let left = false;
  return () => {
    if (left) return;
    left = true;
    if (stays) staying--;
    if (--users === 0) listening?.close();
    else listening?.look();
  };
}
