/**
 * A child process that measures one workload of one peer: `child.mjs <peer> <workload> <mode>`. It reads requests, a
 * line of JSON each, and answers each with a line.
 */
import { createInterface } from 'node:readline';
import { asWork, measureRound } from './measure.mjs';
import { runInMode } from './modes.mjs';

const [peerName, workloadName, mode] = process.argv.slice(2);
const answer = (message) => process.stdout.write(`${JSON.stringify(message)}\n`);

const { default: peer } = await import(`./peers/${peerName}.mjs`);
const work = peer.workloads[workloadName];
answer({ ready: work !== undefined, label: peer.label });

if (work !== undefined) {
  for await (const line of createInterface({ input: process.stdin })) {
    try {
      answer(await runInMode(mode, () => measureRound(asWork(work), JSON.parse(line))));
    } catch (error) {
      answer({ error: error.stack });
    }
  }
}
process.exit();
