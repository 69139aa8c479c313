/** What the threads do. */
import { isTimeoutError } from '@aiokit/loop-core';
import { checkCancelled, connect, type LoopTicket } from '@aiokit/threadsafe';
import { hash } from './hash.ts';

export { hash };

/** Computes until it is cancelled, and tells the loop how far it is. */
export function hashOn(ticket: LoopTicket, name: string): never {
  using loop = connect(ticket);
  for (let round = 1; ; round++) {
    hash(name);
    loop.callSoonThreadsafe('progress', name, round);
    checkCancelled();
  }
}

/** Stops its thread until the loop has answered, for 50 ms at most, then for as long as it takes. */
export function ask(ticket: LoopTicket): string[] {
  using loop = connect(ticket);
  const answer = loop.runCoroutineThreadsafe<string>('answer', 'what is the matter?');
  const heard: string[] = [];
  try {
    heard.push(answer.result({ timeoutMs: 50 }));
  } catch (error) {
    if (!isTimeoutError(error)) throw error;
    heard.push('no answer within 50 ms');
  }
  heard.push(answer.result());
  return heard;
}
