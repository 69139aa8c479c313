/** A program and its schedule as the hash of an address. */
import { PRESETS } from './presets.ts';

/** What a link opens. */
export interface Shared {
  readonly text: string;
  /** The schedule to show; FIFO's if absent. */
  readonly token?: string | undefined;
  /** How many cancellations a search tries. */
  readonly cancellations?: number | undefined;
}

async function through(
  bytes: Uint8Array<ArrayBuffer>,
  stream: CompressionStream | DecompressionStream,
): Promise<Uint8Array<ArrayBuffer>> {
  const writer = stream.writable.getWriter();
  // What is wrong with the bytes is told by whoever reads.
  writer
    .write(bytes)
    .then(
      () => writer.close(),
      () => {},
    )
    .catch(() => {});
  const parts: number[] = [];
  const reader = (stream.readable as ReadableStream<Uint8Array>).getReader();
  for (let part = await reader.read(); !part.done; part = await reader.read()) parts.push(...part.value);
  return Uint8Array.from(parts);
}

const toText = (bytes: Uint8Array): string =>
  btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replace(/=+$/, '');

const fromText = (text: string): Uint8Array<ArrayBuffer> =>
  Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (one) => one.charCodeAt(0));

/** The hash of a link, without the `#`. A program that nobody has changed goes by its name. */
export async function linkTo({ text, token, cancellations = 0 }: Shared): Promise<string> {
  const preset = PRESETS.find((one) => one.text === text);
  const link = new URLSearchParams();
  if (preset) link.set('preset', preset.name);
  else {
    const packed = await through(new TextEncoder().encode(text), new CompressionStream('deflate-raw'));
    link.set('program', toText(packed));
  }
  if (cancellations > 0) link.set('cancellations', String(cancellations));
  if (token !== undefined) link.set('schedule', token);
  return link.toString();
}

/**
 * What a link opens.
 *
 * @returns undefined if it is none, or was cut off
 */
export async function readLink(hash: string): Promise<Shared | undefined> {
  const link = new URLSearchParams(hash.replace(/^#/, ''));
  const token = link.get('schedule') ?? undefined;
  const preset = PRESETS.find(({ name }) => name === link.get('preset'));
  const cancellations = Number(link.get('cancellations') ?? preset?.cancellations ?? 0) || 0;
  if (preset) return { text: preset.text, token, cancellations };
  const packed = link.get('program');
  if (packed === null) return undefined;
  try {
    const text = await through(fromText(packed), new DecompressionStream('deflate-raw'));
    return { text: new TextDecoder('utf8', { fatal: true }).decode(text), token, cancellations };
  } catch {
    return undefined;
  }
}
