import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { ArchiveError } from './archive-error.ts';
import { parseStanzas } from './control.ts';

const run = promisify(execFile);
const KEYRING = '/usr/share/keyrings/debian-archive-keyring.gpg';

/** What a Release file promises of an index: its length and SHA-256 in hexadecimal. */
export interface Promise256 {
  readonly sha256: string;
  readonly size: number;
}

/** `signed`: gpgv accepted it under Debian's archive keys. `unchecked`: gpgv or the keys are not on this machine. */
export type Signature = 'signed' | 'unchecked';

/**
 * The signed text of an InRelease file, checked with gpgv where it is installed.
 * @throws ArchiveError when the signature is wrong: then nothing else of that mirror may be believed
 */
export async function openInRelease(inRelease: string): Promise<{ text: string; signature: Signature }> {
  const folder = await mkdtemp(join(tmpdir(), 'lares-release-'));
  try {
    await writeFile(join(folder, 'InRelease'), inRelease);
    if (!existsSync(KEYRING)) return { text: clearText(inRelease), signature: 'unchecked' };
    // `--output -` gives only what the signature covers, so that nothing outside it is read.
    const { stdout } = await run('gpgv', ['--keyring', KEYRING, '--output', '-', join(folder, 'InRelease')], {
      maxBuffer: 64 << 20,
    });
    return { text: stdout, signature: 'signed' };
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT')
      return { text: clearText(inRelease), signature: 'unchecked' };
    throw new ArchiveError("The mirror's InRelease has no valid signature of the Debian archive.", { cause });
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** RFC 9580 §7: the clear text of a signed message, without its armour. */
function clearText(inRelease: string): string {
  const start = inRelease.indexOf('\n\n');
  const end = inRelease.indexOf('-----BEGIN PGP SIGNATURE-----');
  if (!inRelease.startsWith('-----BEGIN PGP SIGNED MESSAGE-----') || start < 0 || end < 0)
    throw new ArchiveError("The mirror's InRelease is not a signed message.");
  return inRelease.slice(start + 2, end).replaceAll(/^- /gm, '');
}

/** The SHA-256 table of a Release file, by the path of the index. */
export function parseRelease(text: string): ReadonlyMap<string, Promise256> {
  const table = new Map<string, Promise256>();
  for (const stanza of parseStanzas(text)) {
    for (const line of (stanza.get('sha256') ?? '').split('\n')) {
      const [sha256, size, path] = line.trim().split(/\s+/);
      if (sha256 !== undefined && size !== undefined && path !== undefined)
        table.set(path, { sha256, size: Number(size) });
    }
  }
  return table;
}
