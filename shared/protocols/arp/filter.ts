/** What a packet socket lets through of ARP: requests and replies for IPv4, and no more bytes than they have (classic BPF). */
type Instruction = readonly [code: number, jumpTrue: number, jumpFalse: number, operand: number];

/** Linux uapi linux/bpf_common.h. */
const LOAD_HALF = 0x28;
const JUMP_EQUAL = 0x15;
const RETURN = 0x06;

export const ARP_FILTER: readonly Instruction[] = [
  [LOAD_HALF, 0, 0, 2],
  [JUMP_EQUAL, 0, 1, 0x0800],
  [RETURN, 0, 0, 28],
  [RETURN, 0, 0, 0],
];
