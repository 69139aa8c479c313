/** Child processes that measure: a line of JSON to them is a request, a line back its answer. */
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { peerFile } from './catalogue.mjs';

const child = fileURLToPath(new URL('child.mjs', import.meta.url));

/**
 * The command that runs a peer; undefined if the machine lacks what it takes. A peer `name@tree` is run by another tree's
 * `child.mjs`, whose path `trees` gives.
 *
 * @returns {[string, ...string[]] | undefined}
 */
export function commandFor(peer, workload, mode, { node, python, trees = {} }) {
  const [name, tree] = peer.split('@');
  const { language, file } = peerFile(name);
  const flags = workload.kind === 'heap' ? ['--expose-gc'] : [];
  if (language === 'node') return [node, ...flags, trees[tree] ?? child, name, workload.uses, mode];
  return python && mode === 'plain' ? [python, file, workload.uses] : undefined;
}

/**
 * Starts a command. `ask(request)` resolves with the answer; `ready` with the line that it begins with.
 *
 * @param {[string, ...string[]]} command
 */
export function startProcess([command, ...args], timeoutMs = 120_000) {
  const started = spawn(command, args, { stdio: ['pipe', 'pipe', 'pipe'] });
  const lines = createInterface({ input: started.stdout })[Symbol.asyncIterator]();
  let complaints = '';
  started.stderr.on('data', (text) => {
    complaints += text;
  });
  started.stdin.on('error', () => {});
  const ended = new Promise((resolve) => {
    started.on('error', (error) => resolve(error.message));
    started.on('close', (code, signal) => resolve(`ended with ${signal ?? code}`));
  });

  async function answer() {
    const timer = setTimeout(() => started.kill('SIGKILL'), timeoutMs);
    const { done, value } = await lines.next();
    clearTimeout(timer);
    if (done) throw new Error(`${await ended}: ${complaints.trim().slice(-2000)}`);
    const message = JSON.parse(value);
    if (message.error !== undefined) throw new Error(message.error);
    return message;
  }

  const ready = answer();
  ready.catch(() => {}); // whoever waits for another process first will see it later
  return {
    ready,
    ask(request) {
      started.stdin.write(`${JSON.stringify(request)}\n`);
      return answer();
    },
    async stop() {
      started.stdin.end();
      const timer = setTimeout(() => started.kill('SIGKILL'), 5000);
      await ended;
      clearTimeout(timer);
    },
  };
}
