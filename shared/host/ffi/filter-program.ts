import { getRawPointer } from 'node:ffi';

/** One instruction of classic BPF: code, jump if true, jump if false, operand. */
export type FilterInstruction = readonly [code: number, jumpTrue: number, jumpFalse: number, operand: number];

/** sizeof(struct sock_filter). */
const INSTRUCTION_BYTES = 8;
/** sizeof(struct sock_fprog) with 64-bit pointers: a length, padding, the address of the instructions. */
const HEADER_BYTES = 16;

export interface FilterProgram {
  /** struct sock_fprog; points into `instructions`, so both must be referenced while the kernel reads. */
  readonly header: Buffer;
  readonly instructions: Buffer;
}

export function encodeFilterProgram(filter: readonly FilterInstruction[]): FilterProgram {
  const instructions = Buffer.alloc(filter.length * INSTRUCTION_BYTES);
  filter.forEach(([code, jumpTrue, jumpFalse, operand], index) => {
    const at = index * INSTRUCTION_BYTES;
    instructions.writeUInt16LE(code, at);
    instructions.writeUInt8(jumpTrue, at + 2);
    instructions.writeUInt8(jumpFalse, at + 3);
    instructions.writeUInt32LE(operand >>> 0, at + 4);
  });
  const header = Buffer.alloc(HEADER_BYTES);
  header.writeUInt16LE(filter.length, 0);
  header.writeBigUInt64LE(getRawPointer(instructions), 8);
  return { header, instructions };
}
