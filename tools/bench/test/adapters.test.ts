/** Every adapter does the work that its workload describes. No time is looked at. */
import { describe, expect, test } from 'vitest';
import { loadWorkload, peerFile, peerNames, workloadNames } from '../src/catalogue.mjs';
import { asWork, measureRound } from '../src/measure.mjs';
import { modes } from '../src/modes.mjs';
import { commandFor, startProcess } from '../src/processes.mjs';
import { measure } from '../src/rounds.mjs';
import { python } from '../src/runtimes.mjs';

const commands = { node: process.execPath, python: python() };
type Workload = Awaited<ReturnType<typeof loadWorkload>>;
const FEW = { lateness: 2, cpu: 3 };

/** One round of a peer; undefined if it lacks the workload, or this machine lacks what the peer takes. */
async function roundOf(peer: string, workload: Workload, n: number) {
  const request = { kind: workload.kind, n, minMs: 0 };
  const { language, file } = peerFile(peer);
  if (language === 'node') {
    const { default: adapter } = await import(file);
    const work = adapter.workloads[workload.uses];
    return work && measureRound(asWork(work), request);
  }
  const command = commandFor(peer, workload, 'plain', commands);
  if (command === undefined) return undefined;
  const started = startProcess(command);
  await started.ready;
  const answer = await started.ask(request);
  await started.stop();
  return answer;
}

test.each(workloadNames())('%s: all peers do the same work', async (name) => {
  const workload = await loadWorkload(name);
  const n = FEW[workload.kind as keyof typeof FEW] ?? 25;
  const checksums: Record<string, number> = {};
  const missing: string[] = [];
  for (const peer of workload.peers) {
    const round = await roundOf(peer, workload, n);
    if (round) checksums[peer] = round.checksum;
    else missing.push(peer);
  }
  const expected = Object.keys(checksums).map((peer) => [peer, workload.checksum(n)]);
  expect(checksums).toEqual(Object.fromEntries(expected));
  expect(missing).toEqual(python() ? [] : workload.peers.filter((peer: string) => peer === 'cpython'));
});

test('every workload that a peer has is one of the catalogue', async () => {
  const workloads = await Promise.all(workloadNames().map((name) => loadWorkload(name)));
  const known = new Set(workloads.map(({ uses }) => uses));
  for (const peer of peerNames().filter((name) => peerFile(name).language === 'node')) {
    const { default: adapter } = await import(peerFile(peer).file);
    expect(Object.keys(adapter.workloads).filter((name) => !known.has(name))).toEqual([]);
  }
});

describe('in processes', () => {
  const twice = { rounds: 2, generation: 1, minMs: 0, warmUpMs: 0, commands };

  test.each(Object.keys(modes))('in mode %s there are as many values as rounds', async (mode) => {
    const workload = { ...(await loadWorkload('callsoon-chain')), peers: ['aiokit', 'native'] };
    const results = await measure(workload, 25, { ...twice, mode });
    const round = { values: [expect.any(Number)], share: expect.any(Number) };
    const measured = { n: 25, rounds: [round, round] };
    expect(results).toMatchObject({ aiokit: measured, native: measured });
  });

  test('a peer that does other work is left out and named', async () => {
    const workload = { ...(await loadWorkload('callsoon-chain')), peers: ['aiokit'], checksum: () => -1 };
    const results = await measure(workload, 25, { ...twice, mode: 'plain' });
    const problem = expect.stringMatching(/^failed: checksum \d+ instead of -1$/);
    expect(results).toEqual({ aiokit: { problem } });
  });

  test('a peer that cannot be loaded is named with its error', async () => {
    const workload = { ...(await loadWorkload('callsoon-chain')), peers: ['native', 'no-such-peer'] };
    const results = await measure(workload, 25, { ...twice, mode: 'plain' });
    expect(results.native.rounds).toHaveLength(2);
    expect(results['no-such-peer'].problem).toContain('ERR_MODULE_NOT_FOUND');
  });

  test('a peer that lacks the workload is not measured', async () => {
    const workload = { ...(await loadWorkload('callsoon-chain')), peers: ['idle'] };
    const results = await measure(workload, 25, { ...twice, mode: 'plain' });
    expect(results).toEqual({ idle: { problem: 'not there yet' } });
  });
});
