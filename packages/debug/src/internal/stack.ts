/**
 * Stacks, kept as the host has them and made text only when a report needs them, cut to the frames of the user's code.
 */
import { getDebugLimits } from '../limits.js';

interface Host {
  stackTraceLimit?: number | undefined;
  captureStackTrace?(place: object, below: unknown): void;
}

/** How many of our own may lie above them. */
const OURS = 8;
const NOWHERE: Place = {};

/** A place in the program: where something was made, or waits. */
export interface Place {
  stack?: string | undefined;
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

/**
 * The place of whoever called `below`.
 *
 * @param below the function whose callers are meant
 */
export function capture(below: unknown): Place {
  const { frames } = getDebugLimits();
  if (frames === 0) return NOWHERE;
  const limit = host.stackTraceLimit;
  if (limit !== undefined) host.stackTraceLimit = frames + OURS;
  try {
    if (!host.captureStackTrace) return new Error('here');
    const place: Place = {};
    host.captureStackTrace(place, below);
    return place;
  } finally {
    if (limit !== undefined) host.stackTraceLimit = limit;
  }
}

const texts = /* @__PURE__ */ new WeakMap<Place, string>();

/** A place as lines, innermost frame first: the user's frames, unless there are none. */
export function textOf(place: Place): string {
  const known = texts.get(place);
  if (known !== undefined) return known;
  const lines = (place.stack ?? '').split('\n').filter((line) => /^\s+at |@/.test(line));
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
