/** How items become bytes. */
import { refuse } from '@aiokit/loop-core';

/** Makes bytes of items, and items of bytes. */
export interface Codec<T> {
  /** The bytes of an item; they are copied before the next call. */
  encode(item: T): Uint8Array;
  /** The item of some bytes, which are nobody else's. */
  decode(bytes: Uint8Array): T;
}

interface V8 {
  serialize(value: unknown): Uint8Array;
  deserialize(bytes: Uint8Array): unknown;
}

interface Host {
  readonly process?: { getBuiltinModule?(id: string): unknown };
  readonly TextEncoder: new () => { encode(text: string): Uint8Array };
  readonly TextDecoder: new () => { decode(bytes: Uint8Array): string };
}

const isBytes = (item: unknown): item is Uint8Array =>
  ArrayBuffer.isView(item) && (item as Uint8Array).BYTES_PER_ELEMENT === 1;

/** Bytes as they are. */
const bytes: Codec<Uint8Array> = {
  encode(item) {
    if (!isBytes(item)) refuse('item', 'a Uint8Array', item);
    return item;
  },
  decode: (item) => item,
};

/** Values, cloned as the host clones them; where it lends that to nobody, in browsers, as JSON. */
function clone(): Codec<unknown> {
  const host = globalThis as unknown as Host;
  const v8 = host.process?.getBuiltinModule?.('v8') as V8 | undefined;
  if (v8) return { encode: (item) => v8.serialize(item), decode: (item) => v8.deserialize(item) };
  const encoder = new host.TextEncoder();
  const decoder = new host.TextDecoder();
  return {
    encode(item) {
      const text = JSON.stringify(item) as string | undefined;
      if (text === undefined && item !== undefined) refuse('item', 'something that JSON can say', item);
      return encoder.encode(text ?? '');
    },
    decode: (item) => (item.length > 0 ? JSON.parse(decoder.decode(item)) : undefined),
  };
}

/** The codec of a name, or the one given. */
export function codecOf<T>(codec: 'bytes' | 'clone' | Codec<T>): Codec<T> {
  if (codec === 'bytes') return bytes as unknown as Codec<T>;
  if (codec === 'clone') return clone() as Codec<T>;
  if (typeof codec?.encode !== 'function' || typeof codec.decode !== 'function') {
    refuse('codec', "'bytes', 'clone' or { encode, decode }", codec);
  }
  return {
    encode(item) {
      const encoded = codec.encode(item);
      if (!isBytes(encoded)) refuse('what codec.encode gives', 'a Uint8Array', encoded);
      return encoded;
    },
    decode: (item) => codec.decode(item),
  };
}
