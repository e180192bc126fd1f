import type { IncomingFile } from './admit.ts';
import { RELEASES_KEPT, SPACE_RESERVE_BYTES, SPACE_RESERVE_SHARE, STORE_SIZE_FACTOR } from './limits.ts';
import { ContentRefused } from './release.ts';
import type { Catalogue } from './store.ts';

/** Passes files on until the data volume has only its reserve left. @throws ContentRefused `no-space`. */
export async function* keptRoom(
  incoming: AsyncIterable<IncomingFile>,
  { freeBytes, totalBytes }: { readonly freeBytes: number; readonly totalBytes: number },
): AsyncGenerator<IncomingFile> {
  const reserve = Math.min(SPACE_RESERVE_BYTES, totalBytes * SPACE_RESERVE_SHARE);
  let roomBytes = freeBytes - reserve;
  async function* counted(content: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    for await (const chunk of content) {
      roomBytes -= chunk.length;
      if (roomBytes < 0) throw full(freeBytes, totalBytes, reserve);
      yield chunk;
    }
  }
  for await (const file of incoming) yield { ...file, content: counted(file.content) };
}

function full(freeBytes: number, totalBytes: number, reserveBytes: number): ContentRefused {
  const mib = (bytes: number): string => `${Math.max(0, Math.floor(bytes / 1024 / 1024))} MiB`;
  const reason =
    `the data volume is full: ${mib(freeBytes)} of ${mib(totalBytes)} are free and ${mib(reserveBytes)} of them stay so ` +
    'for certificates and logs; make the volume larger or the release smaller';
  return new ContentRefused('no-space', [{ reason }]);
}

/** The releases to give up: the oldest above the number and the size kept; never what is shown nor what `rollback` goes to. */
export function surplus({ releases, shown }: Catalogue, sizeMaxBytes: number): number[] {
  const needed = new Set(shown.slice(-2));
  let count = releases.length;
  let sizeBytes = releases.reduce((sum, release) => sum + release.sizeBytes, 0);
  const gone: number[] = [];
  for (const release of releases) {
    if (count <= RELEASES_KEPT && sizeBytes <= sizeMaxBytes * STORE_SIZE_FACTOR) break;
    if (needed.has(release.id)) continue;
    gone.push(release.id);
    count--;
    sizeBytes -= release.sizeBytes;
  }
  return gone;
}
