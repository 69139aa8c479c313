/** The programs that the playground begins with. */
import abba from './presets/abba.ts?raw';
import chainTasks from './presets/chain-tasks.ts?raw';
import event from './presets/event.ts?raw';
import futureCallback from './presets/future-callback.ts?raw';
import futureCancel from './presets/future-cancel.ts?raw';
import lostPermit from './presets/lost-permit.ts?raw';
import lostWakeUp from './presets/lost-wake-up.ts?raw';
import overdrawn from './presets/overdrawn.ts?raw';
import philosophers from './presets/philosophers.ts?raw';
import pipeline from './presets/pipeline.ts?raw';
import queueAsync from './presets/queue-async.ts?raw';
import queue from './presets/queue.ts?raw';

/** A program to begin with. */
export interface Preset {
  readonly name: string;
  readonly title: string;
  readonly group: 'Classic bugs' | 'The tutorial' | 'More';
  readonly text: string;
  /** How many cancellations a search should try. */
  readonly cancellations: number;
}

const preset = (
  group: Preset['group'],
  name: string,
  title: string,
  text: string,
  cancellations = 0,
): Preset => ({ name, title, group, text, cancellations });

export const PRESETS: readonly Preset[] = [
  preset('Classic bugs', 'abba', 'ABBA: two locks, two orders', abba),
  preset('Classic bugs', 'lost-permit', 'Lost permit: cancelled while holding', lostPermit, 1),
  preset('Classic bugs', 'lost-wake-up', 'Lost wake-up: looks, then waits', lostWakeUp),
  preset('Classic bugs', 'overdrawn', 'Check, then act: overdrawn', overdrawn),
  preset('Classic bugs', 'philosophers', 'Dining philosophers', philosophers),
  preset('The tutorial', 'future-callback', 'A callback of a future', futureCallback),
  preset('The tutorial', 'future-cancel', 'A future is cancelled', futureCancel),
  preset('The tutorial', 'event', 'An event', event),
  preset('The tutorial', 'queue', 'A queue', queue),
  preset('The tutorial', 'queue-async', 'A queue, with async functions', queueAsync),
  preset('The tutorial', 'chain-tasks', 'Tasks in the wrong order', chainTasks),
  preset('More', 'pipeline', 'A bounded queue', pipeline),
];
