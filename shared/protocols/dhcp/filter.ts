import { JUMP_EQUAL, LOAD_HALF, RETURN, type Instruction } from '../ip/packet-filter.ts';

/** Linux uapi linux/bpf_common.h. */
const LOAD_BYTE = 0x30;
const LOAD_HALF_INDEXED = 0x48;
const LOAD_HEADER_LENGTH = 0xb1;
const JUMP_SET = 0x45;
const WHOLE_PACKET = 0xffff;

/**
 * What a packet socket lets through: UDP to port 68 in an unfragmented IPv4 packet (classic BPF, RFC 2131 §4.1). Offsets count from the
 * IP header.
 */
export const DHCP_FILTER: readonly Instruction[] = [
  [LOAD_BYTE, 0, 0, 9],
  [JUMP_EQUAL, 0, 6, 17],
  [LOAD_HALF, 0, 0, 6],
  [JUMP_SET, 4, 0, 0x1fff],
  [LOAD_HEADER_LENGTH, 0, 0, 0],
  [LOAD_HALF_INDEXED, 0, 0, 2],
  [JUMP_EQUAL, 0, 1, 68],
  [RETURN, 0, 0, WHOLE_PACKET],
  [RETURN, 0, 0, 0],
];
