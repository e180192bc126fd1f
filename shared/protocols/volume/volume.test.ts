import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeExt4 } from './ext4.ts';
import { decodeFatLabel } from './fat.ts';

function superblock(): Uint8Array {
  const bytes = new Uint8Array(2048);
  const view = new DataView(bytes.buffer, 1024);
  view.setUint16(56, 0xef53, true);
  view.setUint32(24, 2, true);
  view.setUint32(4, 16_384, true);
  view.setUint32(96, 0x80, true);
  view.setUint32(336, 1, true);
  bytes.set(new TextEncoder().encode('lares-data'), 1024 + 120);
  return bytes;
}

describe('decodeExt4()', () => {
  it('reads label and size', () => {
    expect(decodeExt4(superblock())).toEqual({
      label: 'lares-data',
      uuid: '0'.repeat(32),
      blockBytes: 4096,
      blocks: 2 ** 32 + 16_384,
      hasErrors: false,
      wasMounted: false,
    });
  });
  it('says when the kernel has met an inconsistency', () => {
    const bytes = superblock();
    bytes[1024 + 58] = 2;
    expect(decodeExt4(bytes)?.hasErrors).toBe(true);
  });
  it.each([
    ['counts a mount', 52],
    ['was checked since its last mount', 44],
  ])('was mounted where it %s', (_, at) => {
    const bytes = superblock();
    bytes[1024 + at] = 1;
    expect(decodeExt4(bytes)?.wasMounted).toBe(true);
  });
  it('knows what is no ext4', () => {
    expect(decodeExt4(new Uint8Array(2048))).toBeUndefined();
    expect(decodeExt4(new Uint8Array(10))).toBeUndefined();
  });
});

describe('decodeFatLabel()', () => {
  it.each([
    [false, 54, 43],
    [true, 82, 71],
  ])('reads the label (FAT32: %s)', (isFat32, typeAt, labelAt) => {
    const sector = new Uint8Array(512);
    sector.set([0x55, 0xaa], 510);
    sector[22] = isFat32 ? 0 : 9;
    sector.set(new TextEncoder().encode(isFat32 ? 'FAT32   ' : 'FAT16   '), typeAt);
    sector.set(new TextEncoder().encode('LARES      '), labelAt);
    expect(decodeFatLabel(sector)).toBe('LARES');
  });
});

describe('volume headers', () => {
  it('of any bytes throw nothing', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 0, maxLength: 2200, size: 'max' }), bytes => {
        decodeExt4(bytes);
        decodeFatLabel(bytes);
      }),
    );
  });
});
