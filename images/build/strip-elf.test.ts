import { describe, expect, it } from 'vitest';
import { stripElf } from './strip-elf.ts';

/** A 64-bit ELF file with a loaded and a dynamic segment that end at 300, and 100 bytes of sections behind. */
function elfFile(): Buffer {
  const elf = Buffer.alloc(400, 0xaa);
  elf.set([0x7f, 0x45, 0x4c, 0x46, 2, 1]);
  elf.writeBigUInt64LE(64n, 32);
  elf.writeBigUInt64LE(340n, 40);
  elf.writeUInt16LE(56, 54);
  elf.writeUInt16LE(2, 56);
  for (const [index, type] of [1, 2].entries()) {
    elf.writeUInt32LE(type, 64 + index * 56);
    elf.writeBigUInt64LE(0n, 64 + index * 56 + 8);
    elf.writeBigUInt64LE(300n, 64 + index * 56 + 32);
  }
  return elf;
}

describe('stripElf', () => {
  it('cuts behind the last loaded byte and declares no sections', () => {
    const elf = elfFile();
    const stripped = Buffer.from(stripElf(elf));
    expect(stripped.length).toBe(300);
    expect([stripped.readBigUInt64LE(40), stripped.readUInt16LE(60), stripped.readUInt16LE(62)]).toEqual([
      0n,
      0,
      0,
    ]);
    expect(elf.readBigUInt64LE(40)).toBe(340n);
  });

  it.each([
    ['a shell script', () => Buffer.from('#!/bin/sh\n'.repeat(10))],
    ['a 32-bit file', () => elfFile().fill(1, 4, 5)],
    ['a file cut short', () => elfFile().subarray(0, 250)],
    ['a static file', () => elfFile().fill(0, 120, 124)],
  ])('refuses %s', (_name, make) => {
    expect(() => stripElf(make())).toThrow(RangeError);
  });
});
