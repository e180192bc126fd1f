import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { crc32 } from './crc32.ts';
import { decodeTable } from './decode.ts';
import { encodeTable } from './encode.ts';
import type { PartitionTable } from './gpt.ts';
import { PARTITION_TYPES, SECTOR_BYTES, growLastPartition, lastUsableSector } from './gpt.ts';
import { decodeGuid, encodeGuid } from './guid.ts';

const MIB = 2048;
const table: PartitionTable = {
  diskGuid: '01234567-89ab-cdef-0123-456789abcdef',
  diskSectors: 65 * MIB,
  partitions: [
    partition('first', 1 * MIB, 2 * MIB - 1),
    undefined,
    partition('the last one, with ü', 2 * MIB, 64 * MIB - 1),
  ],
};

function partition(name: string, firstSector: number, lastSector: number) {
  const guid = '12345678-1234-5678-1234-567812345678';
  return { type: PARTITION_TYPES.linuxFilesystem, guid, firstSector, lastSector, attributes: 0n, name };
}

describe('crc32', () => {
  it('gives the check value of the algorithm for "123456789"', () => {
    expect(crc32(new TextEncoder().encode('123456789'))).toBe(0xcbf43926);
  });
});

describe('encodeGuid', () => {
  it('stores the EFI system partition type as UEFI 2.10 table 5.7 gives it', () => {
    const hex = [...encodeGuid(PARTITION_TYPES.efiSystem)]
      .map(byte => byte.toString(16).padStart(2, '0'))
      .join('');
    expect(hex).toBe('28732ac11ff8d211ba4b00a0c93ec93b');
  });

  it('is undone by decodeGuid', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 16, maxLength: 16 }), bytes => {
        expect(encodeGuid(decodeGuid(bytes))).toEqual(bytes);
      }),
    );
  });

  it('refuses what is no GUID', () => {
    expect(() => encodeGuid('0123')).toThrow(RangeError);
  });
});

describe('decodeTable', () => {
  it('gives back what encodeTable wrote', () => {
    expect(decodeTable(encodeTable(table).primary)).toEqual({ ok: true, value: table });
  });

  it('keeps the boot code before the disk signature', () => {
    const { primary } = encodeTable(table, new Uint8Array(440).fill(0x90));
    expect([primary[0], primary[439], primary[440]]).toEqual([0x90, 0x90, 0]);
  });

  it.each([
    [SECTOR_BYTES, 'no-signature'],
    [SECTOR_BYTES + 56, 'header-checksum'],
    [2 * SECTOR_BYTES + 40, 'entries-checksum'],
  ])('refuses a table with byte %i changed: %s', (at, kind) => {
    const { primary } = encodeTable(table);
    primary[at] = (primary[at] ?? 0) ^ 1;
    expect(decodeTable(primary)).toMatchObject({ ok: false, error: { kind } });
  });

  it('never throws on bytes', () => {
    const { primary } = encodeTable(table);
    fc.assert(
      fc.property(fc.nat(primary.length - 1), fc.nat(255), fc.nat(primary.length), (at, value, length) => {
        const bytes = primary.slice(0, length < 512 ? length : primary.length);
        bytes[at] = value;
        expect(typeof decodeTable(bytes).ok).toBe('boolean');
      }),
    );
  });
});

describe('growLastPartition', () => {
  it('ends the last partition at the last whole MiB before the backup', () => {
    // 33 sectors of backup do not fit behind a partition that ends at 1000 MiB, so it ends one MiB before.
    const grown = growLastPartition(table, 1000 * MIB + 7);
    expect(lastUsableSector(1000 * MIB + 7)).toBeLessThan(1000 * MIB - 1);
    expect(grown.partitions[2]?.lastSector).toBe(999 * MIB - 1);
    expect(grown.partitions[0]).toEqual(table.partitions[0]);
    expect(decodeTable(encodeTable(grown).primary)).toEqual({ ok: true, value: grown });
  });

  it('never makes it smaller', () => {
    expect(growLastPartition(table, 60 * MIB).partitions).toEqual(table.partitions);
  });
});
