import type { Readable } from 'node:stream';
import { concatBytes } from '../../shared/base/bytes.ts';
import { LATER_CONTENT_MAX_BYTES } from './limits.ts';

/** The whole content of a request, or 'too-large' as soon as that is known. Rejects where the client goes away. */
export function collectContent(stream: Readable): Promise<Uint8Array | 'too-large'> {
  return new Promise((resolve, reject) => {
    const chunks: Uint8Array[] = [];
    let length = 0;
    stream.on('data', (chunk: Uint8Array) => {
      length += chunk.length;
      if (length > LATER_CONTENT_MAX_BYTES) {
        resolve('too-large');
        chunks.length = 0;
        // What still comes is read and thrown away until the connection ends.
        stream.removeAllListeners('data').resume();
      } else chunks.push(chunk);
    });
    stream.once('end', () => resolve(concatBytes(chunks)));
    stream.once('error', reject);
    stream.once('close', () => reject(new Error('the client went away')));
  });
}
