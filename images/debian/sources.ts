import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ArchiveError } from './archive-error.ts';
import { parseStanzas } from './control.ts';

/** Where a suite can be had: a base address without a closing slash. */
export interface Mirrors {
  /** The main archive. */
  readonly main: string;
  /** The security archive, where one is configured. */
  readonly security: string | undefined;
}

/** One archive named in apt's configuration. */
export interface Source {
  readonly address: string;
  readonly suites: readonly string[];
}

/**
 * The mirrors of this machine: `LARES_DEBIAN_MIRROR` (and `LARES_DEBIAN_SECURITY_MIRROR`), or those of apt's own
 * configuration. No address is written in this repository.
 * @throws ArchiveError when there is neither
 */
export async function findMirrors(
  environment: Readonly<Record<string, string | undefined>> = process.env,
  aptFolder = '/etc/apt',
): Promise<Mirrors> {
  const named = environment['LARES_DEBIAN_MIRROR'];
  if (named !== undefined && named !== '')
    return { main: trim(named), security: optional(environment['LARES_DEBIAN_SECURITY_MIRROR']) };
  const sources = await readSources(aptFolder);
  const main = sources.find(source => source.suites.some(isRelease) && source.address.endsWith('/debian'));
  if (main === undefined)
    throw new ArchiveError(
      `No Debian mirror in ${aptFolder}. Set LARES_DEBIAN_MIRROR to the address of one (the folder that holds dists/ and pool/).`,
    );
  const security = sources.find(source => source.suites.some(suite => suite.includes('-security')));
  return { main: main.address, security: security?.address };
}

async function readSources(aptFolder: string): Promise<Source[]> {
  const list = await readIfThere(join(aptFolder, 'sources.list'));
  const sources = parseOneLineSources(list);
  const parts = join(aptFolder, 'sources.list.d');
  const names = await readdir(parts).catch(() => []);
  for (const name of names.sort()) {
    const text = await readIfThere(join(parts, name));
    if (name.endsWith('.list')) sources.push(...parseOneLineSources(text));
    if (name.endsWith('.sources')) sources.push(...parseSourceStanzas(text));
  }
  return sources;
}

/** sources.list(5), one-line style: `deb [options] address suite component…`. */
export function parseOneLineSources(text: string): Source[] {
  const sources: Source[] = [];
  for (const line of text.split('\n')) {
    const match = /^\s*deb\s+(?:\[[^\]]*\]\s+)?(\S+)\s+(\S+)/.exec(line);
    if (match?.[1] !== undefined && match[2] !== undefined)
      sources.push({ address: trim(match[1]), suites: [match[2]] });
  }
  return sources;
}

/** sources.list(5), deb822 style. */
export function parseSourceStanzas(text: string): Source[] {
  const sources: Source[] = [];
  for (const stanza of parseStanzas(text)) {
    if (stanza.get('enabled') === 'no' || !words(stanza.get('types')).includes('deb')) continue;
    const suites = words(stanza.get('suites'));
    for (const address of words(stanza.get('uris'))) sources.push({ address: trim(address), suites });
  }
  return sources;
}

function isRelease(suite: string): boolean {
  return !suite.includes('-') && !suite.includes('/');
}

function words(value: string | undefined): string[] {
  return (value ?? '').split(/\s+/).filter(word => word !== '');
}

function trim(address: string): string {
  return address.replace(/\/+$/, '');
}

function optional(address: string | undefined): string | undefined {
  return address === undefined || address === '' ? undefined : trim(address);
}

async function readIfThere(path: string): Promise<string> {
  return readFile(path, 'utf8').catch(() => '');
}
