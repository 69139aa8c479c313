/** The state of the playground, and what can be done with it. */
import { computed, type ComputedRef, type Ref, ref, shallowRef } from 'vue';
import type { Client } from './client.ts';
import { departing, nextInstant, previousInstant, sentenceOf } from './playback.ts';
import { PRESETS, type Preset } from './presets.ts';
import type { Moment, Recording, Search } from './recording.ts';
import type { Reply, Request } from './requests.ts';
import type { Schedule } from './run.ts';
import { linkTo, readLink } from './share.ts';

/** How many schedules a search runs at most. */
const SCHEDULES = 20_000;

/** What has come of the last request. */
interface Verdict {
  readonly tone: 'right' | 'wrong' | 'problem';
  readonly title: string;
  readonly lines: readonly string[];
}

function verdictOf({ wrong, moments }: Recording): Verdict {
  if (!wrong) {
    const lines = ['Under other schedules it may be wrong: let the explorer look.'];
    return { tone: 'right', title: `Nothing was wrong in these ${moments.length} steps.`, lines };
  }
  return {
    tone: 'wrong',
    title: `${wrong.kind}: ${wrong.message}`,
    lines: [
      ...wrong.waiting,
      wrong.fifo
        ? 'asyncio’s own order gets there, with other delays.'
        : 'asyncio’s own order does not get there by other delays alone.',
    ],
  };
}

function verdictOfSearch({ schedules, complete, recording }: Search): Verdict {
  if (recording) {
    const verdict = verdictOf(recording);
    return {
      ...verdict,
      lines: [...verdict.lines, `Found at schedule ${schedules}, and made as short as possible.`],
    };
  }
  const title = complete
    ? `All ${schedules} schedules are right.`
    : `${schedules} schedules are right, of more.`;
  return { tone: 'right', title, lines: [] };
}

export interface Playground {
  readonly text: Ref<string>;
  readonly preset: ComputedRef<Preset | undefined>;
  readonly cancellations: Ref<number>;
  readonly recording: Ref<Recording | undefined>;
  readonly moments: ComputedRef<readonly Moment[]>;
  readonly at: Ref<number>;
  readonly moment: ComputedRef<Moment | undefined>;
  readonly sentence: ComputedRef<string>;
  readonly verdict: Ref<Verdict | undefined>;
  /** What is being done; empty if nothing is. */
  readonly busy: Ref<string>;
  /** Whether the text was changed since the recording was made. */
  readonly stale: ComputedRef<boolean>;
  choosePreset(name: string): Promise<void>;
  run(): Promise<void>;
  find(): Promise<void>;
  replay(token: string): Promise<void>;
  depart(at: number, option: number): Promise<void>;
  stop(): void;
  go(at: number): void;
  step(by: number): void;
  jump(direction: 1 | -1): void;
  /** The hash of a link to what is shown. */
  link(): Promise<string>;
  /** Opens what a link has; the first preset if it has none. */
  open(hash: string): Promise<void>;
}

export function usePlayground(client: Client): Playground {
  const text = ref(PRESETS[0]?.text ?? '');
  const cancellations = ref(0);
  const recording = shallowRef<Recording>();
  const recorded = ref('');
  const at = ref(0);
  const verdict = shallowRef<Verdict>();
  const busy = ref('');
  const preset = computed(() => PRESETS.find((one) => one.text === text.value));
  const moments = computed(() => recording.value?.moments ?? []);
  const moment = computed(() => moments.value[at.value]);

  const go = (to: number): void => {
    at.value = Math.max(0, Math.min(to, moments.value.length - 1));
  };

  function show(made: Recording, source: string, position = 0): void {
    recording.value = made;
    recorded.value = source;
    go(position);
  }

  async function ask(what: string, request: Request): Promise<Reply | undefined> {
    busy.value = what;
    const reply = await client.ask(request);
    // Another request may have taken its place.
    if (!client.busy) busy.value = '';
    if (reply.problem === undefined) return reply;
    verdict.value = { tone: 'problem', title: reply.problem, lines: [] };
    return undefined;
  }

  async function record(schedule: Schedule, position = 0): Promise<boolean> {
    const source = text.value;
    const reply = await ask('running', {
      kind: 'run',
      text: source,
      schedule,
      cancellations: cancellations.value,
    });
    if (!reply?.recording) return false;
    show(reply.recording, source, position);
    verdict.value = verdictOf(reply.recording);
    return true;
  }

  async function find(): Promise<void> {
    const source = text.value;
    const options = { schedules: SCHEDULES, cancellations: cancellations.value };
    const reply = await ask('searching', { kind: 'search', text: source, ...options });
    if (!reply?.search) return;
    const found = reply.search.recording;
    if (found) show(found, source, found.moments.length - 1);
    verdict.value = verdictOfSearch(reply.search);
  }

  async function openText(source: string, count: number, token?: string): Promise<void> {
    text.value = source;
    cancellations.value = count;
    recording.value = undefined;
    if (token === undefined || !(await record({ token }))) {
      const told = token === undefined ? undefined : verdict.value;
      await record({ choices: [] });
      verdict.value = told ?? verdict.value;
    }
  }

  return {
    text,
    preset,
    cancellations,
    recording,
    moments,
    at,
    moment,
    verdict,
    busy,
    stale: computed(() => recording.value !== undefined && recorded.value !== text.value),
    sentence: computed(() => sentenceOf(moments.value, at.value)),
    async choosePreset(name) {
      const chosen = PRESETS.find((one) => one.name === name);
      if (chosen) await openText(chosen.text, chosen.cancellations);
    },
    run: async () => void (await record({ choices: [] })),
    find,
    replay: async (token) => void (await record({ token: token.trim() })),
    async depart(place, option) {
      const position = at.value;
      if (recording.value) await record({ choices: departing(recording.value, place, option) }, position);
    },
    stop: () => client.stop(),
    go,
    step: (by) => go(at.value + by),
    jump: (direction) =>
      go(direction === 1 ? nextInstant(moments.value, at.value) : previousInstant(moments.value, at.value)),
    link: async () =>
      linkTo({
        text: text.value,
        token: recorded.value === text.value ? recording.value?.token : undefined,
        cancellations: cancellations.value,
      }),
    async open(hash) {
      const shared = await readLink(hash);
      const [first] = PRESETS;
      if (shared) await openText(shared.text, shared.cancellations ?? 0, shared.token);
      else if (first) await openText(first.text, first.cancellations);
    },
  };
}
