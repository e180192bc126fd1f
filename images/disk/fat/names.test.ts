import { describe, expect, it } from 'vitest';
import { encodeLongName, needsLongName, shortName } from './names.ts';

describe('shortName', () => {
  it.each([
    ['README.TXT', 'README  TXT', false],
    ['grub.cfg', 'GRUB    CFG', true],
    ['BOOTX64.EFI', 'BOOTX64 EFI', false],
    ['lares.example.toml', 'LARESE~1TOM', true],
    ['.hidden', 'HIDDEN~1   ', true],
    ['ü', '_~1        ', true],
  ])('gives %s the alias "%s"', (name, alias, long) => {
    expect(shortName(name, new Set())).toBe(alias);
    expect(needsLongName(name, alias)).toBe(long);
  });

  it('counts on where the alias is taken', () => {
    expect(shortName('lares.example.toml', new Set(['LARESE~1TOM']))).toBe('LARESE~2TOM');
    expect(shortName('readme.txt', new Set(['README  TXT']))).toBe('README~1TXT');
  });

  it.each(['a/b', 'a:b', 'what?', 'ends.', ' ', 'x'.repeat(256)])('refuses %s', name => {
    expect(() => shortName(name, new Set())).toThrow(RangeError);
  });
});

describe('encodeLongName', () => {
  it('has the checksum of the FAT specification for a known alias', () => {
    // FAT File System Specification 1.03 §7.2: rotate right by one, add.
    expect(encodeLongName('The quick brown.fox', 'THEQUI~1FOX')[13]).toBe(0x07);
  });

  it('takes one entry for every 13 characters', () => {
    expect(encodeLongName('x'.repeat(13), 'X~1        ')).toHaveLength(32);
    expect(encodeLongName('x'.repeat(14), 'X~1        ')).toHaveLength(64);
  });
});
