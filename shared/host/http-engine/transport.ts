import { addressOf, GatherSend, PARTS_MAX } from '../ffi/gather-send.ts';
import type { TlsSession } from '../ffi/openssl-session.ts';
import { SealedOutput } from '../ffi/sealed-output.ts';
import { BROKEN, endSending, receive, WOULD_BLOCK, type InputBuffer } from '../ffi/stream-socket.ts';
import { copyBytes } from './copy-bytes.ts';
import { Addresses, type Output } from './output.ts';

/** RFC 8446 §5.1: a record's plaintext. */
const RECORD_MAX_BYTES = 2 ** 14;

/** How bytes come in and go out on a connection; results are counts, or {@link WOULD_BLOCK} or {@link BROKEN}. */
export interface Transport {
  /** Bytes that came; 0: the peer sends no more. */
  read(): number;
  /** Whether a read of so many bytes took all there was, so that asking again can wait until there is news. */
  drained(count: number): boolean;
  /** Bytes taken out of an output that have not gone. */
  readonly waitingBytes: number;
  /** Sends what `output` has and takes it out, as far as it goes now. 0: all has gone; else one of the two. */
  flush(output: Output): number;
  /** Tells the peer that nothing more comes. */
  endSending(): void;
}

/** What all connections of a thread share: one buffer to read into, and the memory of the calls. */
export interface TransportMemory {
  readonly input: InputBuffer;
  readonly gather: GatherSend;
  readonly addresses: Addresses;
  /** Where a record is put together. */
  readonly record: RecordMemory;
  readonly sealed: SealedOutput;
}

export interface RecordMemory {
  readonly bytes: Uint8Array;
  readonly address: bigint;
}

export function createTransportMemory(input: InputBuffer): TransportMemory {
  const bytes = new Uint8Array(RECORD_MAX_BYTES);
  return {
    input,
    gather: new GatherSend(),
    addresses: new Addresses(),
    record: { bytes, address: BigInt(addressOf(bytes)) },
    sealed: new SealedOutput(),
  };
}

export function plainTransport(descriptor: number, memory: TransportMemory): Transport {
  const { input, gather, addresses } = memory;
  return {
    waitingBytes: 0,
    read: () => receive(descriptor, input),
    // epoll(7): of a stream, less than was asked for is all there was.
    drained: count => count < input.bytes.length,
    flush(output) {
      while (output.bytes > 0) {
        gather.clear();
        let offered = 0;
        for (const part of output.parts) {
          if (gather.count === PARTS_MAX) break;
          const length = part.bytes.length - part.start;
          gather.add(addresses.of(part), length);
          offered += length;
        }
        const sent = gather.send(descriptor);
        if (sent < 0) return sent;
        output.drop(sent);
        // The kernel's buffer is full; it tells when there is room again.
        if (sent < offered) return WOULD_BLOCK;
      }
      return 0;
    },
    endSending: () => endSending(descriptor),
  };
}

export function tlsTransport(descriptor: number, session: TlsSession, memory: TransportMemory): Transport {
  const { input } = memory;
  return {
    read: () => session.read(input),
    drained: count => session.drained(count),
    get waitingBytes() {
      return session.waitingBytes;
    },
    flush(output) {
      let result = session.waitingBytes > 0 ? session.flush() : 0;
      while (result === 0 && output.bytes > 0) {
        const sealed = sealBatch(session, output, memory);
        result = session.flush();
        if (!sealed) return BROKEN;
      }
      return result;
    },
    endSending() {
      session.endSending();
      endSending(descriptor);
    },
  };
}

/** Whether the session still takes something. */
function sealBatch(session: TlsSession, output: Output, memory: TransportMemory): boolean {
  for (let bytes = 0; bytes < session.batchBytes && output.bytes > 0;) {
    const sealed = sealRecord(session, output, memory);
    if (sealed === BROKEN) return false;
    output.drop(sealed);
    bytes += sealed;
  }
  return true;
}

/** One record: straight from a long part, or of what fits of several short ones. */
function sealRecord(session: TlsSession, output: Output, { addresses, record }: TransportMemory): number {
  const [first] = output.parts;
  if (first === undefined) return BROKEN;
  const left = first.bytes.length - first.start;
  if (output.parts.length === 1 || left >= RECORD_MAX_BYTES)
    return session.seal(BigInt(addresses.of(first)), Math.min(left, RECORD_MAX_BYTES));
  let length = 0;
  for (const { bytes, start } of output.parts) {
    const taken = Math.min(bytes.length - start, RECORD_MAX_BYTES - length);
    const part = start === 0 && taken === bytes.length ? bytes : bytes.subarray(start, start + taken);
    copyBytes(part, record.bytes, length);
    length += taken;
    if (length === RECORD_MAX_BYTES) break;
  }
  return session.seal(record.address, length);
}
