/** What detectors say goes through filters, as Python's warnings do. A flood is cut, and counted. */
import { getLogger, realm, refuse } from '@aiokit/loop-core';
import { someLoop } from './internal/debugged.js';

/** What is done with a warning: `default` says it once per place, `error` tells the loop's exception handler. */
export type WarningAction = 'default' | 'always' | 'once' | 'error' | 'ignore';

/** The kinds of warnings, each of one detector, and the categories that Python knows. */
const KINDS = {
  'slow-step': 'DebugWarning',
  'never-awaited': 'RuntimeWarning',
  unclosed: 'ResourceWarning',
  'leaked-permit': 'ResourceWarning',
  'unobserved-operation': 'RuntimeWarning',
  'swallowed-cancellation': 'RuntimeWarning',
  'ignored-cancellation': 'RuntimeWarning',
  'host-wait': 'RuntimeWarning',
  'never-yields': 'DebugWarning',
  'self-wake': 'DebugWarning',
  starved: 'DebugWarning',
  'long-wait': 'DebugWarning',
  seconds: 'RuntimeWarning',
  'wrong-thread': 'RuntimeWarning',
  deadlock: 'RuntimeWarning',
  blocked: 'DebugWarning',
  'lock-order': 'RuntimeWarning',
} as const;

/** What a detector finds. */
export type WarningKind = keyof typeof KINDS;
/** A group of kinds. */
export type WarningCategory = (typeof KINDS)[WarningKind];

const ACTIONS: readonly string[] = ['default', 'always', 'once', 'error', 'ignore'];
const CATEGORIES: readonly string[] = ['DebugWarning', 'RuntimeWarning', 'ResourceWarning'];
/** Of these asyncio makes log records, which no filter of warnings cuts. */
const LOGGED: ReadonlySet<string> = new Set(['slow-step', 'deadlock', 'long-wait', 'blocked']);
/** So many of a kind in a second; the rest is counted. */
const PER_SECOND = 100;
const MOST_PLACES = 10_000;

interface Filter {
  readonly kind: string;
  readonly action: WarningAction;
}
interface Flood {
  since: number;
  said: number;
  cut: number;
}
interface Host {
  readonly Deno?: object;
  readonly process?: { readonly env?: { readonly AIOKIT_WARNINGS?: string } };
}

declare const performance: { now(): number };

let filters: Filter[] | undefined;
const seen = /* @__PURE__ */ new Set<string>();
const floods = /* @__PURE__ */ new Map<string, Flood>();
let warning = false;

/** `error::ResourceWarning,ignore::slow-step,always`, the last that fits counts. What makes no sense is said and left out. */
function fromEnvironment(): Filter[] {
  const { Deno, process } = globalThis as Host;
  const text = Deno ? '' : (process?.env?.AIOKIT_WARNINGS ?? '');
  const made: Filter[] = [];
  for (const part of text.split(',').filter(Boolean)) {
    const [action = '', kind = '*'] = part.trim().split('::');
    if (ACTIONS.includes(action) && isKind(kind)) made.unshift({ kind, action: action as WarningAction });
    else getLogger().warn(`AIOKIT_WARNINGS: '${part}' is no filter; it is left out`);
  }
  return made;
}

const isKind = (kind: string): boolean =>
  kind === '*' || Object.hasOwn(KINDS, kind) || CATEGORIES.includes(kind);

/**
 * Decides what is done with warnings of a kind.
 *
 * @param kind a kind, a category of kinds, or `*` for all
 * @param action what is done; `error` gives it to the exception handler of a loop in debug mode
 * @throws TypeError or RangeError naming the argument that is not one of those; the filters are as they were
 * @ordering the last filter that was set and fits counts
 * @source DEBUG-4 · CPython `warnings.simplefilter`, `PYTHONWARNINGS`
 */
export function setWarningFilter(kind: WarningKind | WarningCategory | '*', action: WarningAction): void {
  if (typeof kind !== 'string') refuse('kind', 'a kind of warning', kind);
  if (!isKind(kind)) {
    refuse('kind', `*, ${[...CATEGORIES, ...Object.keys(KINDS)].join(', ')}`, kind, RangeError);
  }
  if (!ACTIONS.includes(action)) refuse('action', `one of ${ACTIONS.join(', ')}`, action, RangeError);
  filters = [{ kind, action }, ...(filters ?? fromEnvironment()).filter((one) => one.kind !== kind)];
}

/**
 * Forgets the filters that were set and what was said: the environment counts again.
 *
 * @source DEBUG-4 · CPython `warnings.resetwarnings`
 */
export function resetWarnings(): void {
  filters = undefined;
  seen.clear();
  floods.clear();
}

function actionFor(kind: WarningKind, debugged: boolean): WarningAction {
  filters ??= fromEnvironment();
  const category = KINDS[kind];
  const filter = filters.find((one) => one.kind === kind || one.kind === category || one.kind === '*');
  if (filter) return filter.action;
  if (category === 'ResourceWarning' && !debugged) return 'ignore';
  return LOGGED.has(kind) ? 'always' : 'default';
}

/** Whether a filter leaves a kind out. */
export const isIgnored = (kind: WarningKind): boolean => actionFor(kind, true) === 'ignore';

/** What is told of each warning that the filters let pass. It must not throw. */
export const warningListeners: Set<(kind: WarningKind, message: string) => void> = /* @__PURE__ */ new Set();

/** Whether it was said before; what is not is noted. */
function said(key: string): boolean {
  if (seen.has(key)) return true;
  if (seen.size >= MOST_PLACES) seen.clear();
  seen.add(key);
  return false;
}

/** The count to add to a message; undefined if it is cut. */
function admit(kind: string): number | undefined {
  const now = performance.now();
  let flood = floods.get(kind);
  if (!flood) floods.set(kind, (flood = { since: now, said: 0, cut: 0 }));
  if (now - flood.since >= 1000) Object.assign(flood, { since: now, said: 0 });
  if (flood.said >= PER_SECOND) {
    flood.cut++;
    return undefined;
  }
  flood.said++;
  const { cut } = flood;
  flood.cut = 0;
  return cut;
}

/**
 * Says that something is wrong, if the filters let it pass.
 *
 * @param kind which detector says so
 * @param message what is wrong; places stand on lines of their own
 * @param place what counts as the same place; the message if absent
 * @param debugged whether what is wrong was made in debug mode
 * @source DEBUG-4 · CPython `warnings.warn`
 */
export function warn(kind: WarningKind, message: string, place: string = message, debugged = true): void {
  // The logger, or what it prints, may do what is warned of.
  if (warning) return;
  warning = true;
  try {
    const action = actionFor(kind, debugged);
    if (action === 'ignore') return;
    if (action === 'once' && said(kind)) return;
    if (action === 'default' && said(`${kind}\n${place}`)) return;
    const cut = admit(kind);
    if (cut === undefined) return;
    const text = cut === 0 ? message : `${message}\n(${cut} more of kind ${kind} were left out)`;
    for (const listener of warningListeners) listener(kind, text);
    const loop = action === 'error' ? (someLoop() ?? realm.loop) : undefined;
    if (loop) loop.callExceptionHandler({ message: text, kind });
    else getLogger().warn(text);
  } finally {
    warning = false;
  }
}
