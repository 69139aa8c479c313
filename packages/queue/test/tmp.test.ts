import { VirtualLoop } from '@aiokit/loop-core/virtual';
import { setEventLoop } from '@aiokit/loop-core';
import { createTask, sleep } from '@aiokit/task';
import { test } from 'vitest';
import { Queue, LifoQueue, PriorityQueue } from '@aiokit/queue';
test('x', () => {
  const loop = new VirtualLoop(); setEventLoop(loop);
  let tick = 0; const log: string[] = [];
  const clock = createTask(function* () { for (;;) { yield; tick++; if (tick > 20) return; } } as never);
  const q = new Queue<number>(1);
  createTask(function* () { for (let i = 0; i < 3; i++) { yield* q.put(i); log.push(`put${i} +${tick}`); } } as never);
  createTask(function* () { for (let i = 0; i < 3; i++) { log.push(`got${yield* q.get()} +${tick}`); } } as never);
  loop.runUntilComplete(clock);
  console.log(log.join(', '));
  const l = new LifoQueue<number>(); l.putNowait(1); l.putNowait(2); console.log(l.getNowait(), l.getNowait(), String(l));
  const p = new PriorityQueue<[number, string]>(); for (const x of [[2,'a'],[10,'b'],[2,'0'],[1,'z'],[2,'a']] as [number,string][]) p.putNowait(x);
  while (!p.empty()) console.log(p.getNowait());
  setEventLoop(null);
});
