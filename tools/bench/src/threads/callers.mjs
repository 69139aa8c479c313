/** A thread that calls into the main thread: it is told how, and how often, and gives the checksum. */
import { parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads';
import { connect } from '@aiokit/threadsafe';
import { add } from '../checksum.mjs';

const { ticket, port, words } = workerData;
const loop = ticket && connect(ticket);

function bareCall(value) {
  const before = Atomics.load(words, 0);
  port.postMessage(value);
  Atomics.wait(words, 0, before);
  return receiveMessageOnPort(port).message;
}

const calls = {
  aiokit: (value) => loop.runCoroutineThreadsafe('echo', value).result(),
  native: bareCall,
};
const bursts = {
  aiokit: (value) => loop.callSoonThreadsafe('take', value),
  native: (value) => port.postMessage(value),
};

parentPort.on('message', ({ who, how, n }) => {
  const call = (how === 'burst' ? bursts : calls)[who];
  let sum = 0;
  for (let i = 0; i < n; i++) {
    const value = call(i);
    if (how !== 'burst') sum = add(sum, value);
  }
  if (how !== 'burst') parentPort.postMessage(sum);
});
