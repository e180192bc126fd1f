import { datagramLayout } from './datagram-layout.ts';
import { EINTR, lastErrno, processLibrary, SystemCallError } from './library.ts';

const POLLIN = 1;

const { ppoll } = processLibrary.getFunctions({
  ppoll: { arguments: ['pointer', 'u64', 'pointer', 'pointer'], return: 'i32' },
});

/** Waits until one of `descriptors` can be read, at most `timeoutMs`. The buffers are held by the function returned. */
export function createWait(descriptors: readonly number[], timeoutMs: number): () => void {
  const { poll, time } = datagramLayout();
  const entries = new DataView(new ArrayBuffer(descriptors.length * poll.bytes));
  descriptors.forEach((descriptor, index) => {
    entries.setInt32(index * poll.bytes + poll.descriptor, descriptor, true);
    entries.setInt16(index * poll.bytes + poll.events, POLLIN, true);
  });
  const timeout = new DataView(new ArrayBuffer(time.bytes));
  timeout.setBigInt64(time.seconds, BigInt(Math.floor(timeoutMs / 1_000)), true);
  timeout.setBigInt64(time.nanoseconds, BigInt((timeoutMs % 1_000) * 1_000_000), true);
  const count = BigInt(descriptors.length);
  return () => {
    if (ppoll(entries, count, timeout, null) < 0) {
      const errno = lastErrno();
      if (errno !== EINTR) throw new SystemCallError('ppoll', errno, '');
    }
  };
}
