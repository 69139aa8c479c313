/** Runs a program of the editor: one schedule, which is recorded, or many, in search of one that is wrong. */
import { explore, exploreOne, type Failure, replay, type World } from '@aiokit/testing';
import type { CompiledProgram } from './program.ts';
import { Recorder } from './recorder.ts';
import type { Recording, Search } from './recording.ts';

/** After how many steps a run counts as endless: more cannot be looked at. */
const STEP_LIMIT = 2000;

/** Which schedule: the first choices, the rest being FIFO's, or that of a token. */
export type Schedule = { readonly choices: readonly number[] } | { readonly token: string };

/** How a search is made. */
export interface SearchOptions {
  readonly schedules: number;
  /** How many cancellations may land in a run. */
  readonly cancellations: number;
}

/** Thrown at the end of a run in which nothing was wrong: only of a failure the explorer tells the token and the steps. */
const FINISHED = new Error('finished');

type Check = readonly [holds: () => boolean | void, message: string];

/** What a program is given in a run that is recorded. */
function worldOf(world: World, recorder: Recorder): World {
  const ends: Check[] = [];
  world.atEnd(() => {
    for (const [holds, message] of ends) if (holds() === false) throw new Error(message);
    throw FINISHED;
  });
  return {
    loop: world.loop,
    spawn: (source, name) => world.spawn(source, name),
    choose: (n) => world.choose(n),
    invariant: (holds, message) => world.invariant(holds, message),
    atEnd: (holds, message = 'what must hold at the end does not') => void ends.push([holds, message]),
    note(text) {
      recorder.note(text);
      world.note(text);
    },
    label(thing, name) {
      recorder.label(thing, name);
      return world.label(thing, name);
    },
  };
}

const wrongOf = ({ kind, message, waiting, fifo, error }: Failure): Recording['wrong'] =>
  error === FINISHED ? undefined : { kind, message, waiting, fifo };

/**
 * Runs one schedule of a program.
 *
 * @throws RangeError if the token is of another program
 */
export async function record(
  compiled: CompiledProgram,
  schedule: Schedule,
  cancellations = 0,
): Promise<Recording> {
  let recorder: Recorder | undefined;
  const program = compiled.main((world) => {
    recorder = new Recorder(world);
    return { listener: recorder, world: worldOf(world, recorder) };
  });
  const { failure } =
    'token' in schedule
      ? await replay(program, schedule.token)
      : await exploreOne(program, schedule.choices, { cancellations, stepLimit: STEP_LIMIT });
  if (!failure || !recorder) throw new Error('a run ended without an end');
  return {
    moments: recorder.moments,
    choices: recorder.choices,
    token: failure.token,
    wrong: wrongOf(failure),
    table: failure.table,
  };
}

/** Looks for a schedule under which something is wrong. */
export async function search(compiled: CompiledProgram, options: SearchOptions): Promise<Search> {
  const report = await explore(compiled.main(), { ...options, stepLimit: STEP_LIMIT });
  const { schedules, complete, failure } = report;
  if (!failure) return { schedules, complete, recording: undefined };
  if (failure.kind !== 'nondeterminism') {
    return { schedules, complete, recording: await record(compiled, { token: failure.token }) };
  }
  const recording = await record(compiled, { choices: [] });
  const { kind, message, waiting, fifo } = failure;
  return { schedules, complete, recording: { ...recording, wrong: { kind, message, waiting, fifo } } };
}
