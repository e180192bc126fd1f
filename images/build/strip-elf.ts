/**
 * A program needs at run time what its program headers load; the sections behind that (`.symtab`, `.strtab`, `.debug_*`,
 * `.comment`) and the section table are for linkers and debuggers. `.dynsym` lies in a loaded segment and stays:
 * node:ffi finds OpenSSL's and nghttp2's functions through it. (System V ABI, gABI 4.1, chapters 4 and 5.)
 */
const ELF_MAGIC = 0x7f454c46;
const CLASS_64 = 2;
const LITTLE_ENDIAN = 1;
const HEADER_BYTES = 64;
const PROGRAM_HEADER_BYTES = 56;
const PROGRAM_LOAD = 1;
const PROGRAM_DYNAMIC = 2;

/** The file cut behind its last loaded byte, its section table declared absent. Throws on what is not a 64-bit ELF. */
export function stripElf(elf: Uint8Array): Uint8Array {
  const headers = programHeaders(elf);
  if (!headers.some(each => each.type === PROGRAM_DYNAMIC))
    throw new RangeError('the ELF file is not dynamic');
  const loaded = headers.filter(each => each.type === PROGRAM_LOAD);
  const end = Math.max(...loaded.map(each => each.offset + each.fileBytes));
  if (end > elf.length) throw new RangeError(`the ELF file ends at ${elf.length}, its segments at ${end}`);
  const stripped = new Uint8Array(elf.subarray(0, end));
  const view = new DataView(stripped.buffer);
  // e_shoff, e_shnum and e_shstrndx of zero: there is no section table.
  view.setBigUint64(40, 0n, true);
  view.setUint16(60, 0, true);
  view.setUint16(62, 0, true);
  return stripped;
}

interface ProgramHeader {
  readonly type: number;
  readonly offset: number;
  readonly fileBytes: number;
}

function programHeaders(elf: Uint8Array): ProgramHeader[] {
  const view = new DataView(elf.buffer, elf.byteOffset, elf.byteLength);
  if (elf.length < HEADER_BYTES || view.getUint32(0) !== ELF_MAGIC) throw new RangeError('not an ELF file');
  if (elf[4] !== CLASS_64 || elf[5] !== LITTLE_ENDIAN)
    throw new RangeError('not a 64-bit little-endian ELF file');
  const start = Number(view.getBigUint64(32, true));
  const size = view.getUint16(54, true);
  const count = view.getUint16(56, true);
  if (size !== PROGRAM_HEADER_BYTES || start + count * size > elf.length)
    throw new RangeError('damaged ELF file');
  return Array.from({ length: count }, (_, index) => {
    const at = start + index * size;
    return {
      type: view.getUint32(at, true),
      offset: Number(view.getBigUint64(at + 8, true)),
      fileBytes: Number(view.getBigUint64(at + 32, true)),
    };
  });
}
