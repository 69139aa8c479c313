/** Who broke a unit. The name is written before the word that says so. */
import { BREAKER, IS_BROKEN, NAME_WORDS, slotAt, SLOT_NAME } from './layout.js';

/** Breaks a unit in the name of a thread, unless it is broken. */
export function breakUnit(m: Int32Array, unit: number, slot: number): void {
  if (m[unit + IS_BROKEN]) return;
  for (let at = 0; at < NAME_WORDS; at++) {
    m[unit + BREAKER + at] = slot < 0 ? 0 : (m[slotAt(slot) + SLOT_NAME + at] as number);
  }
  Atomics.store(m, unit + IS_BROKEN, 1);
}

/** Writes a name as UTF-16 units, as many as there is room for; it ends with the first 0. */
export function writeName(m: Int32Array, at: number, name: string): void {
  for (let word = 0; word < NAME_WORDS; word++) {
    m[at + word] = (name.charCodeAt(2 * word) || 0) | ((name.charCodeAt(2 * word + 1) || 0) << 16);
  }
}

/** Reads what `writeName` wrote. */
export function readName(m: Int32Array, at: number): string {
  const units = Array.from({ length: 2 * NAME_WORDS }, (_, unit) =>
    unit % 2 ? (m[at + (unit >> 1)] as number) >>> 16 : (m[at + (unit >> 1)] as number) & 0xffff,
  );
  const length = units.indexOf(0);
  return String.fromCharCode(...(length < 0 ? units : units.slice(0, length)));
}
