import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ArchiveError } from './archive-error.ts';
import { findMirrors, parseOneLineSources, parseSourceStanzas } from './sources.ts';

const stanzas = `Types: deb
URIs: http://mirror.example/debian/
Suites: bookworm bookworm-updates
Components: main

Types: deb
URIs: http://mirror.example/debian-security
Suites: bookworm-security
Components: main
`;

describe('apt sources', () => {
  it('reads both styles', () => {
    expect(parseOneLineSources('# no\ndeb [signed-by=/k] http://a.example/debian/ trixie main\n')).toEqual([
      { address: 'http://a.example/debian', suites: ['trixie'] },
    ]);
    expect(parseSourceStanzas(stanzas)[0]).toEqual({
      address: 'http://mirror.example/debian',
      suites: ['bookworm', 'bookworm-updates'],
    });
  });

  it('leaves out disabled sources and those of source packages', () => {
    expect(parseSourceStanzas('Types: deb\nEnabled: no\nURIs: http://a.example/debian\nSuites: x\n')).toEqual(
      [],
    );
    expect(parseSourceStanzas('Types: deb-src\nURIs: http://a.example/debian\nSuites: x\n')).toEqual([]);
  });

  it('finds the main and the security mirror, whatever else is configured', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'lares-apt-'));
    try {
      await mkdir(join(folder, 'sources.list.d'));
      await writeFile(join(folder, 'sources.list.d/a.list'), 'deb http://vendor.example/apt stable main\n');
      await writeFile(join(folder, 'sources.list.d/debian.sources'), stanzas);
      expect(await findMirrors({}, folder)).toEqual({
        main: 'http://mirror.example/debian',
        security: 'http://mirror.example/debian-security',
      });
      expect(await findMirrors({ LARES_DEBIAN_MIRROR: 'http://b.example/x/' }, folder)).toEqual({
        main: 'http://b.example/x',
        security: undefined,
      });
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it('says what to set when there is no mirror', async () => {
    const search = findMirrors({}, '/nonexistent');
    await expect(search).rejects.toThrow(ArchiveError);
    await expect(search).rejects.toThrow(/LARES_DEBIAN_MIRROR/);
  });
});
