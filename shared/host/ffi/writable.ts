import { datagramLayout } from './datagram-layout.ts';
import { processLibrary } from './library.ts';

const POLLOUT = 4;

const { ppoll } = processLibrary.getFunctions({
  ppoll: { arguments: ['pointer', 'u64', 'pointer', 'pointer'], return: 'i32' },
});

/**
 * Tells at each call whether `descriptor` takes bytes now, or has an end that a write would tell of. A pipe or socket that
 * does takes PIPE_BUF bytes (4,096) without waiting.
 */
export function createWritableCheck(descriptor: number): () => boolean {
  const { poll, time } = datagramLayout();
  const entry = new DataView(new ArrayBuffer(poll.bytes));
  entry.setInt32(poll.descriptor, descriptor, true);
  entry.setInt16(poll.events, POLLOUT, true);
  const now = new DataView(new ArrayBuffer(time.bytes));
  return () => ppoll(entry, 1n, now, null) > 0;
}
