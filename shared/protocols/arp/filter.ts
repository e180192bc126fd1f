import { JUMP_EQUAL, LOAD_HALF, RETURN, type Instruction } from '../ip/packet-filter.ts';

/** What a packet socket lets through of ARP: requests and replies for IPv4, and no more bytes than they have (classic BPF). */
export const ARP_FILTER: readonly Instruction[] = [
  [LOAD_HALF, 0, 0, 2],
  [JUMP_EQUAL, 0, 1, 0x0800],
  [RETURN, 0, 0, 28],
  [RETURN, 0, 0, 0],
];
