/** The cells of a ring: each a length and as many bytes. A power of two of them, so that a count that overflows goes on. */
import type { Cells } from './ring.js';

/** Below this many bytes a loop is faster than a call. */
const FEW = 64;

export class ByteCells implements Cells<Uint8Array> {
  readonly #bytes: Uint8Array;
  readonly #lengths: Int32Array;
  readonly #mask: number;
  readonly #stride: number;

  constructor(buffer: ArrayBufferLike, itemBytes: number) {
    this.#bytes = new Uint8Array(buffer);
    this.#lengths = new Int32Array(buffer);
    this.#stride = strideOf(itemBytes);
    this.#mask = buffer.byteLength / this.#stride - 1;
  }

  write(index: number, item: Uint8Array): void {
    const at = (index & this.#mask) * this.#stride;
    const { length } = item;
    this.#lengths[at >> 2] = length;
    if (length > FEW) this.#bytes.set(item, at + 4);
    else for (let byte = 0; byte < length; byte++) this.#bytes[at + 4 + byte] = item[byte] as number;
  }

  read(index: number): Uint8Array {
    const at = (index & this.#mask) * this.#stride;
    const length = this.#lengths[at >> 2] as number;
    if (length > FEW) return this.#bytes.slice(at + 4, at + 4 + length);
    const item = new Uint8Array(length);
    for (let byte = 0; byte < length; byte++) item[byte] = this.#bytes[at + 4 + byte] as number;
    return item;
  }
}

const strideOf = (itemBytes: number): number => 4 + 4 * Math.ceil(itemBytes / 4);

/** How many bytes the cells of a queue take. */
export function cellBytes(maxsize: number, itemBytes: number): number {
  return strideOf(itemBytes) * 2 ** Math.ceil(Math.log2(maxsize));
}
