import { describe, expect, it } from 'vitest';
import { parsePackages } from './archive.ts';
import { ArchiveError } from './archive-error.ts';
import { openInRelease, parseRelease } from './release.ts';

const sha256 = 'be3d7d96a040eda0505c1808cccc67f183bbc05dff0842c50f88e6c396557412';

describe('parseRelease', () => {
  it('reads the SHA-256 table and not the MD5 one', () => {
    const table = parseRelease(
      `Suite: stable\nMD5Sum:\n 203e1451 1 a\nSHA256:\n ${sha256}  9679304 main/binary-amd64/Packages.xz\n`,
    );
    expect([...table]).toEqual([['main/binary-amd64/Packages.xz', { sha256, size: 9679304 }]]);
  });
});

describe('openInRelease', () => {
  it('refuses a message that nobody signed', async () => {
    await expect(openInRelease('Suite: stable\n')).rejects.toThrow(ArchiveError);
  });
});

describe('parsePackages', () => {
  it('reads the source package and leaves out stanzas without a hash', () => {
    const text = `Package: libc6\nSource: glibc (2.41)\nVersion: 2.41-12\nFilename: pool/l.deb\nSHA256: ${sha256}\n\nPackage: x\n`;
    expect([...parsePackages(text, 'main')]).toEqual([
      { name: 'libc6', version: '2.41-12', source: 'glibc', filename: 'pool/l.deb', sha256, archive: 'main' },
    ]);
  });
});
