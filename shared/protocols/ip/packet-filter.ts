/** One instruction of classic BPF, which a packet socket runs over what comes. */
export type Instruction = readonly [code: number, jumpTrue: number, jumpFalse: number, operand: number];

// Linux uapi linux/bpf_common.h: those that every filter of ours has.
export const LOAD_HALF = 0x28;
export const JUMP_EQUAL = 0x15;
export const RETURN = 0x06;
