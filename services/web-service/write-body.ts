import type { Writable } from 'node:stream';
import { WRITE_CHUNK_BYTES } from './limits.ts';

/**
 * Sends `body` and ends the stream, a chunk at a time as the reader takes them: a large file to a slow reader must not
 * be encrypted into memory all at once (TLS would). Chunks are views, so a reader costs what one chunk does.
 * When the stream closes early, nothing more happens. `onSent` hears of each part as it goes on its way.
 */
export function writeBody(
  stream: Writable,
  body: readonly Uint8Array[],
  onSent: (bytes: number) => void = () => undefined,
): void {
  const only = body[0];
  if (only === undefined) {
    stream.end();
  } else if (body.length === 1 && only.length <= WRITE_CHUNK_BYTES) {
    onSent(only.length);
    stream.end(only);
  } else {
    pump(stream, chunksOf(body), onSent);
  }
}

function pump(stream: Writable, chunks: Iterator<Uint8Array>, onSent: (bytes: number) => void): void {
  while (!stream.destroyed) {
    const next = chunks.next();
    if (next.done === true) {
      stream.end();
      return;
    }
    onSent(next.value.length);
    if (!stream.write(next.value)) {
      stream.once('drain', () => pump(stream, chunks, onSent));
      return;
    }
  }
}

function* chunksOf(body: readonly Uint8Array[]): Generator<Uint8Array> {
  for (const part of body)
    for (let start = 0; start < part.length; start += WRITE_CHUNK_BYTES)
      yield part.subarray(start, start + WRITE_CHUNK_BYTES);
}
