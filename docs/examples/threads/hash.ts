/** A computation that takes a while: FNV-1a over and over, some 50 ms a round. */
export function hash(text: string, rounds = 1): string {
  let value = 0x811c9dc5;
  for (let round = 0; round < rounds * 30_000_000; round++) {
    value = Math.imul(value ^ text.charCodeAt(round % text.length), 0x01000193);
  }
  return (value >>> 0).toString(16);
}
