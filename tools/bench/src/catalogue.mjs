/** The workloads and the peers there are: a file each. */
import { existsSync, readdirSync } from 'node:fs';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';

const folder = (name) => fileURLToPath(new URL(name, import.meta.url));
const filesOf = (name) => readdirSync(folder(name)).sort();

/** A process that has run for less has code that is not optimized yet. */
const WARM_UP_MS = 300;

/** Names of the workloads that have one of the filters in them; of all without filters. */
export const workloadNames = (filters = []) =>
  filesOf('workloads')
    .map((file) => basename(file, '.mjs'))
    .filter((name) => filters.length === 0 || filters.some((filter) => name.includes(filter)));

/** Names of all peers. */
export const peerNames = () => filesOf('peers').map((file) => file.replace(/\.\w+$/, ''));

/**
 * A workload: `title`, `unit`, `kind` (see measure.mjs), `n` operations or several such numbers for a curve,
 * `checksum(n)`, `peers` of which the first is ours. Optional: `fewer` operations for slow peers, `warmUpMs` before the
 * first round, `maxRounds`, `uses` another workload's functions, `mean` (see means.mjs), all `subjects` that are ours if there are several, and
 * `limits`: by peer and Node version, from that version on, the greatest ratio of ours to that peer; by our own name, the
 * greatest figure itself.
 */
export async function loadWorkload(name) {
  const { default: workload } = await import(`./workloads/${name}.mjs`);
  const { n, uses = name, fewer = {}, subjects = [workload.peers[0]], limits = {} } = workload;
  const { warmUpMs = WARM_UP_MS, maxRounds = Infinity } = workload;
  return { ...workload, name, uses, fewer, subjects, limits, warmUpMs, maxRounds, points: [n].flat() };
}

/** The first peer that is not ours. */
export const baselineOf = ({ peers, subjects }) => peers.find((peer) => !subjects.includes(peer));

/** The peers that are run in a mode: within a store, where no limit holds, only ours and the first other, to save time. */
export const peersIn = (workload, mode) =>
  workload.peers.filter(
    (peer) => mode === 'plain' || workload.subjects.includes(peer) || peer === baselineOf(workload),
  );

/** What runs a peer: its file, for Node or for Python. */
export function peerFile(name) {
  const python = folder(`peers/${name}.py`);
  return existsSync(python)
    ? { language: 'python', file: python }
    : { language: 'node', file: folder(`peers/${name}.mjs`) };
}

/** The limit that holds for a Node version; undefined if there is none. */
export function limitFor(limits, major) {
  const from = Object.keys(limits ?? {})
    .map(Number)
    .filter((version) => version <= major);
  return from.length === 0 ? undefined : limits[Math.max(...from)];
}
