/**
 * Stacks, kept as the host has them and made text only when a report needs them, cut to the frames of the user's code.
 */
import { getDebugLimits } from '../limits.js';

interface Host {
  stackTraceLimit?: number | undefined;
  captureStackTrace?(place: object, below: unknown): void;
}

/** A place in the program: where something was made, or waits. */
export interface Place {
  stack?: string | undefined;
  /** How many frames of ours lie on top, by whatever names a bundler knows them. */
  ours?: number;
}

const host = Error as unknown as Host;

/** What is installed, and where the sources of the family lie if they are not. */
const siblings = /* @__PURE__ */ (() => {
  const [, root] = /([^\s(@]*)[\\/]debug[\\/](?:src|dist)[\\/]/.exec(new Error().stack ?? '') ?? [];
  const names = 'loop-core|future|task|sync-primitives|queue|debug|threadsafe|testing|aiokit';
  const below = (folder: string) => `${folder}[\\\\/](?:${names})[\\\\/](?:src|dist)[\\\\/]`;
  const installed = '[\\\\/]node_modules[\\\\/]';
  const path = root?.replace(/^file:\/\//, '').replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  return new RegExp(path === undefined ? installed : `${installed}|${below(path)}`);
})();

const isForeign = (line: string): boolean =>
  siblings.test(line) || /\((native|<anonymous>)\)|^\s*at <anonymous>$|node:|\[native code\]/.test(line);

/** How many of our own may lie above those that are kept. */
const OURS = 9;
/** So many stacks between two looks at the loops are deep; in a flood the rest have the innermost frames only. */
const DEEP_STACKS = 500;
let deep = DEEP_STACKS;

/** Time has gone on: stacks may be deep again. */
export function allowDeepStacks(): void {
  deep = DEEP_STACKS;
}

/** What `beginStack` returns where no frames are kept. */
const NONE = -1;
const NOWHERE: Place = {};

/** The place of whoever calls the hook that calls this: there is a guard between. */
export function capture(): Place {
  const limit = beginStack(OURS);
  if (limit === NONE) return NOWHERE;
  const place: Place = new Error();
  endStack(limit);
  place.ours = 3;
  return place;
}

/**
 * The place of whoever called `below`, whatever lies between.
 *
 * @param below the function whose callers are meant
 */
export function captureBelow(below: unknown): Place {
  const limit = beginStack(OURS);
  if (limit === NONE) return NOWHERE;
  const place: Place = host.captureStackTrace ? {} : new Error();
  host.captureStackTrace?.(place, below);
  endStack(limit);
  return place;
}

/**
 * Has the host keep as many frames as are wanted, until `endStack`.
 *
 * A stack costs 1.5 µs and 0.2 to 1.3 µs a frame, whether that is kept or skipped: `captureStackTrace`, which skips those
 * above a function, is no cheaper.
 *
 * @param ours how many of our own lie above, of which few are kept in a flood
 * @returns what `endStack` is given; -1 if no frames are kept
 */
export function beginStack(ours: number): number | undefined {
  const { frames } = getDebugLimits();
  if (frames === 0) return NONE;
  const limit = host.stackTraceLimit;
  if (limit === undefined) return undefined;
  host.stackTraceLimit = deep-- > 0 ? frames + OURS : ours + 1;
  return limit;
}

/** Has the host keep as many frames as before. */
export function endStack(limit: number | undefined): void {
  if (limit !== undefined) host.stackTraceLimit = limit;
}

const texts = /* @__PURE__ */ new WeakMap<Place, string>();

/** A place as lines, innermost frame first: the user's frames, unless there are none. */
export function textOf(place: Place): string {
  const known = texts.get(place);
  if (known !== undefined) return known;
  const lines = (place.stack ?? '').split('\n').filter((line) => /^\s+at |@/.test(line));
  lines.splice(0, place.ours ?? 0);
  const own = lines.filter((line) => !isForeign(line));
  const text = (own.length > 0 ? own : lines).slice(0, getDebugLimits().frames).join('\n');
  texts.set(place, text);
  return text;
}

/** The innermost frame of a stack's text: `f (file.ts:10:3)`. */
export const frameOf = (text: string | undefined): string | undefined =>
  text
    ?.split('\n', 1)[0]
    ?.replace(/^\s*at /, '')
    .trim() || undefined;
