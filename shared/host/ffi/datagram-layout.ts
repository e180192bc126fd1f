import { assert } from '../../base/assert.ts';
import { thisArchitecture, type Architecture } from './architecture.ts';

/** Sizes and offsets in bytes of the structures that the datagram calls take. */
export interface DatagramLayout {
  /** struct iovec: base, length. */
  readonly iovec: { readonly bytes: number; readonly base: number; readonly length: number };
  /** struct mmsghdr: a struct msghdr and the length of what came. */
  readonly message: {
    readonly bytes: number;
    readonly name: number;
    readonly nameLength: number;
    readonly vectors: number;
    readonly vectorCount: number;
    readonly flags: number;
    readonly length: number;
  };
  /** struct pollfd. */
  readonly poll: {
    readonly bytes: number;
    readonly descriptor: number;
    readonly events: number;
    readonly returned: number;
  };
  /** struct timespec. */
  readonly time: { readonly bytes: number; readonly seconds: number; readonly nanoseconds: number };
}

// glibc 2.36, <bits/types/struct_iovec.h>, <bits/socket.h>, <sys/poll.h>: both architectures are LP64 and little-endian.
const LP64: DatagramLayout = {
  iovec: { bytes: 16, base: 0, length: 8 },
  message: { bytes: 64, name: 0, nameLength: 8, vectors: 16, vectorCount: 24, flags: 48, length: 56 },
  poll: { bytes: 8, descriptor: 0, events: 4, returned: 6 },
  time: { bytes: 16, seconds: 0, nanoseconds: 8 },
};

export const datagramLayouts: Readonly<Record<Architecture, DatagramLayout>> = {
  x86_64: LP64,
  aarch64: LP64,
};

/** This machine's layout. Numbers are written as the processor has them: little-endian, asserted here. */
export function datagramLayout(): DatagramLayout {
  assert(new Uint8Array(Uint16Array.of(1).buffer)[0] === 1, 'the processor is little-endian');
  return datagramLayouts[thisArchitecture()];
}
