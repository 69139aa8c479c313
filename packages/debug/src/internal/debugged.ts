/** The loops in debug mode. */
import { type EventLoop, realm } from '@aiokit/loop-core';

const loops = /* @__PURE__ */ new Set<EventLoop>();

/** The loops whose debug mode is on. */
export const debuggedLoops: ReadonlySet<EventLoop> = loops;

/** The one that was asked for last and is in it. */
let last: EventLoop | undefined;

/** Whether debug mode is on for a loop. */
export function isDebugged(loop: EventLoop): boolean {
  if (loop === last) return true;
  if (!loops.has(loop)) return false;
  last = loop;
  return true;
}

/** Notes that debug mode was turned on or off. */
export function setDebugged(loop: EventLoop, enabled: boolean): void {
  last = undefined;
  if (enabled) loops.add(loop);
  else loops.delete(loop);
}

/** The loop that is running, if it is in debug mode, or else any that is. */
export function someLoop(): EventLoop | undefined {
  const { running } = realm;
  return running && loops.has(running) ? running : [...loops].at(-1);
}
