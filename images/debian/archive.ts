import { execFile, execFileSync } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { ArchiveError } from './archive-error.ts';
import { parseStanzas } from './control.ts';
import { download, downloadPinned, hashOf } from './download.ts';
import { openInRelease, parseRelease, type Signature } from './release.ts';
import { findMirrors, type Mirrors } from './sources.ts';

const run = promisify(execFile);

/** A binary package as the archive's index describes it. */
export interface DebianPackage {
  readonly name: string;
  readonly version: string;
  /** The source package it is built from. */
  readonly source: string;
  /** Where it lies under the mirror's address. */
  readonly filename: string;
  readonly sha256: string;
  /** `main` or `security`: which of the mirrors has it. */
  readonly archive: keyof Mirrors;
}

/** The packages of one release, with its security updates: the newest version of each name wins. */
export interface Archive {
  readonly signature: Signature;
  /** @throws ArchiveError when there is no such package */
  find(name: string): DebianPackage;
}

/** Reads InRelease and Packages of a release (`trixie`) and holds each to the hash of the one before. */
export async function openArchive(codename: string, architecture: 'amd64' | 'arm64'): Promise<Archive> {
  const mirrors = await findMirrors();
  const packages = new Map<string, DebianPackage[]>();
  const signatures: Signature[] = [];
  for (const archive of ['main', 'security'] as const) {
    const address = mirrors[archive];
    if (address === undefined) continue;
    const suite = archive === 'main' ? codename : `${codename}-security`;
    const index = await readIndex(`${address}/dists/${suite}`, `main/binary-${architecture}/Packages.xz`);
    signatures.push(index.signature);
    for (const candidate of parsePackages(index.text, archive))
      packages.set(candidate.name, [...(packages.get(candidate.name) ?? []), candidate]);
  }
  return {
    signature: signatures.includes('unchecked') ? 'unchecked' : 'signed',
    find: name => {
      const [first, ...others] = packages.get(name) ?? [];
      if (first === undefined) throw new ArchiveError(`Debian ${codename} has no package "${name}".`);
      return others.reduce((best, other) => (isNewer(other.version, best.version) ? other : best), first);
    },
  };
}

async function readIndex(
  suiteAddress: string,
  path: string,
): Promise<{ text: string; signature: Signature }> {
  const inRelease = new TextDecoder().decode(await download(`${suiteAddress}/InRelease`));
  const { text: release, signature } = await openInRelease(inRelease);
  const promised = parseRelease(release).get(path);
  if (promised === undefined) throw new ArchiveError(`The Release file does not name ${path}.`);
  const compressed = await download(`${suiteAddress}/${path}`);
  if (hashOf(compressed) !== promised.sha256)
    throw new ArchiveError(
      `${path} is not the one that the Release file names; the mirror may be in the middle of an update.`,
    );
  return {
    text: execFileSync('xz', ['-dc'], { input: compressed, maxBuffer: 512 << 20 }).toString(),
    signature,
  };
}

/** The stanzas of a Packages index. */
export function* parsePackages(text: string, archive: keyof Mirrors): Generator<DebianPackage> {
  for (const stanza of parseStanzas(text)) {
    const name = stanza.get('package');
    const version = stanza.get('version');
    const filename = stanza.get('filename');
    const sha256 = stanza.get('sha256');
    if (name === undefined || version === undefined || filename === undefined || sha256 === undefined)
      continue;
    const source = (stanza.get('source') ?? name).split(' ')[0] ?? name;
    yield { name, version, source, filename, sha256, archive };
  }
}

/** Debian policy §5.6.12: versions are compared by dpkg's own rule. */
function isNewer(version: string, than: string): boolean {
  if (version === than) return false;
  try {
    execFileSync('dpkg', ['--compare-versions', version, 'gt', than]);
    return true;
  } catch {
    return false;
  }
}

/**
 * Fetches a package by name and hash, and unpacks it into `folder`.
 * @throws GoneError when the mirror no longer has that version
 */
export async function unpackPackage(
  wanted: Pick<DebianPackage, 'filename' | 'sha256' | 'archive'>,
  folder: string,
  cache: string,
): Promise<void> {
  const address = (await findMirrors())[wanted.archive];
  if (address === undefined)
    throw new ArchiveError(
      `${wanted.filename} lies in the ${wanted.archive} archive, and no mirror of it is configured.`,
    );
  const bytes = await downloadPinned(`${address}/${wanted.filename}`, wanted.sha256, cache);
  await mkdir(folder, { recursive: true });
  const path = join(folder, '.package.deb');
  await writeFile(path, bytes);
  await run('dpkg-deb', ['--extract', path, folder]);
}
