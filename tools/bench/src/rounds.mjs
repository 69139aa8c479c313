/**
 * Measures one workload on one runtime. Each peer has a process of its own, so that no peer's types, garbage or patches
 * of the engine's shortcuts slow another; all processes live at the same time and are asked in turn, a tenth of a
 * second each, so that what slows the machine slows all of them. One runs at a time. The processes are replaced after a
 * few rounds, since the compiler decides differently in each.
 */
import { peersIn } from './catalogue.mjs';
import { commandFor, startProcess } from './processes.mjs';
import { isSound } from './statistics.mjs';

/** Starts the processes of all peers that have the workload; of others it says why not. */
async function start(peers, workload, mode, commands) {
  const started = {};
  const absent = {};
  for (const peer of peers) {
    const command = commandFor(peer, workload, mode, commands);
    if (command) started[peer] = startProcess(command);
    else absent[peer] = 'not run';
  }
  const labels = {};
  for (const [peer, process] of Object.entries(started)) {
    try {
      const { ready, label } = await process.ready;
      labels[peer] = label;
      if (ready) continue;
      absent[peer] = NOT_THERE;
    } catch (error) {
      absent[peer] = `failed: ${error.message}`;
    }
    delete started[peer];
    await process.stop();
  }
  return { started, absent, labels };
}

/** Asks one peer for one round and checks that it did the work. */
async function ask(process, request, expected) {
  const { checksum, value, values = [value], share = 1 } = await process.ask(request);
  if (checksum !== expected) throw new Error(`checksum ${checksum} instead of ${expected}`);
  return { values, share };
}

/** As `ask`; a round that other programs disturbed is repeated once, and the less disturbed one counts. */
async function askForSound(...of) {
  const first = await ask(...of);
  if (isSound(first)) return first;
  const second = await ask(...of);
  return second.share > first.share ? second : first;
}

/** What is said of a peer that lacks the workload. */
export const NOT_THERE = 'not there yet';

/**
 * Runs the rounds. Returns for each peer its number of operations and its rounds, or why it has none.
 * A peer whose work fails once is left out from then on.
 */
export async function measure(workload, point, { mode, rounds, generation, minMs, commands, warmUpMs }) {
  const { kind, checksum, fewer } = workload;
  const beyond = (peer) => workload.points?.length > 1 && fewer[peer] < point;
  const requestFor = (peer, ms) => ({ kind, n: Math.min(point, fewer[peer] ?? point), minMs: ms });
  /** @type {Record<string, any>} */
  const results = {};
  for (const peer of peersIn(workload, mode))
    if (beyond(peer)) results[peer] = { problem: 'too many for it' };
  for (let done = 0; done < rounds; ) {
    const left = peersIn(workload, mode).filter(
      (peer) => results[peer]?.problem === undefined && !beyond(peer),
    );
    const { started, absent, labels } = await start(left, workload, mode, commands);
    for (const [peer, problem] of Object.entries(absent)) results[peer] = { problem };
    const turn = async (peer, ms, keep) => {
      if (results[peer]?.problem !== undefined) return;
      const request = requestFor(peer, ms);
      try {
        const round = await (keep ? askForSound : ask)(started[peer], request, checksum(request.n));
        results[peer] ??= { label: labels[peer], n: request.n, rounds: [] };
        if (keep) results[peer].rounds.push(round);
      } catch (error) {
        results[peer] = { problem: `failed: ${error.message}` };
      }
    };
    for (const peer of warmUpMs > 0 ? Object.keys(started) : []) await turn(peer, warmUpMs, false);
    for (const end = Math.min(done + generation, rounds); done < end; done++) {
      for (const peer of Object.keys(started)) await turn(peer, minMs, true);
    }
    await Promise.all(Object.values(started).map((process) => process.stop()));
  }
  return results;
}
