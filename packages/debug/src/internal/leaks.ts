/**
 * Pending tasks that nobody can wake any more. With `leaks: 'gc'` debug holds no task: whoever can wake it does, the ready
 * queue, a timer, what it waits for. One that is collected is reported then.
 */
import { type EventLoop, realm, type WeakTasks } from '@aiokit/loop-core';
import { getDebugLimits } from '../limits.js';
import { isDebugged } from './debugged.js';
import { atEnd, settleLater, type Watched, weakly } from './endings.js';
import type { Place } from './stack.js';
import { textOf } from './stack.js';
import type { TaskLike } from './tasks.js';

/** What is known of a task without holding on to it. */
interface Leak extends Watched {
  readonly task: WeakRef<TaskLike>;
  readonly loop: EventLoop;
  readonly name: string;
  place: Place | undefined;
  quiet: boolean;
}

function report({ loop, name, place, quiet }: Leak): void {
  if (quiet) return;
  loop.callExceptionHandler({
    message: 'Task was destroyed but it is pending!',
    task: { toString: () => `<Task pending name='${name}'>` },
    finally:
      'it was collected, and JavaScript runs no finally of a generator or an async function that is collected',
    sourceTraceback: place && textOf(place),
  });
}

const leaks = weakly<Leak>(report);
const records = /* @__PURE__ */ new WeakMap<object, Leak>();

/** What was collected and not told of yet. */
atEnd((loop) => {
  for (const record of leaks.records()) {
    if ((loop && record.loop !== loop) || record.task.deref()) continue;
    leaks.drop(record);
    report(record);
  }
});

/** Notes where a task was made, which is known after the task is. */
export function placeLeak(task: object, place: Place): void {
  const record = records.get(task);
  if (!record) return;
  record.place = place;
  settleLater(record);
}

const weak: WeakTasks = {
  add(given) {
    const task = given as TaskLike;
    const loop = task.getLoop();
    if (getDebugLimits().leaks !== 'gc' || !isDebugged(loop)) return false;
    const record = { task: new WeakRef(task), loop, name: task.getName(), place: undefined, quiet: false };
    records.set(task, record);
    leaks.watch(task, record);
    return true;
  },
  remove: (task) => leaks.forget(task),
  hush(task) {
    const record = records.get(task);
    if (record) record.quiet = true;
  },
  *list() {
    for (const { task } of leaks.records()) {
      const one = task.deref();
      if (one) yield one;
    }
  },
};

/** Called once, when the hooks are installed. */
export function watchLeaks(): void {
  realm.weak = weak;
}
