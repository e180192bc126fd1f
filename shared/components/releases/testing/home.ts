import { decodeUtf8 } from '../../../base/bytes.ts';
import { err, ok } from '../../../base/result.ts';
import type { ReleaseDevices, Releases } from '../releases.ts';
import { openReleases } from '../open-releases.ts';
import { BAKED_IN, type Release, type ReleaseFile, type Stage } from '../release.ts';
import { incoming } from './archives.ts';

/** Whoever shows the content, as far as a test looks: the files that are shown, and what was said of health. */
export interface Home {
  readonly releases: Releases;
  /** Path and text of what is shown now. */
  shown(): Record<string, string>;
  /** Conditions by key. */
  readonly troubles: ReadonlyMap<string, string>;
  /** Puts these texts. */
  put(texts: Record<string, string>): ReturnType<Releases['put']>;
}

export const BAKED_IN_TEXTS = { 'index.html': 'baked in' };
export const SIZE_MAX_BYTES = 4 * 1024 * 1024;

/** A site that wants an index.html. */
export async function openHome(
  devices: ReleaseDevices,
  options: { readonly stage?: Stage } = {},
): Promise<Home> {
  let shown: readonly ReleaseFile[] = [];
  const troubles = new Map<string, string>();
  const stage: Stage = async files =>
    files.some(({ path }) => path === 'index.html')
      ? ok(() => void (shown = files))
      : err([{ reason: 'there is no index.html' }]);
  const releases = await openReleases(
    {
      name: 'example.org',
      bakedIn: async () => filesOf(BAKED_IN_TEXTS),
      stage: options.stage ?? stage,
      sizeMaxBytes: SIZE_MAX_BYTES,
    },
    devices,
    {
      degrade: (key, reason) => void troubles.set(key, reason),
      recover: key => void troubles.delete(key),
    },
  );
  return {
    releases,
    troubles,
    shown: () => Object.fromEntries(shown.map(({ path, bytes }) => [path, decodeUtf8(bytes.slice())])),
    put: texts => releases.put(incoming(Object.entries(texts)), 'a test'),
  };
}

function filesOf(texts: Record<string, string>): ReleaseFile[] {
  return Object.entries(texts).map(([path, text]) => ({ path, bytes: Buffer.from(text) }));
}

/** A release whose files all tell its number, some larger than a sector. */
export function numbered(number: number): Record<string, string> {
  return {
    'index.html': `release ${number}`,
    'style.css': `/* ${number} */`.repeat(400),
    [`only-in-${number}.txt`]: String(number),
  };
}

/** The number of the release that is shown; undefined where its files are not all of one. */
export function numberShown(shown: Record<string, string>, current: Release): number | undefined {
  if (current.id === BAKED_IN)
    return JSON.stringify(shown) === JSON.stringify(BAKED_IN_TEXTS) ? 0 : undefined;
  const number = Number(/^release (\d+)$/.exec(shown['index.html'] ?? '')?.[1]);
  return JSON.stringify(shown) === JSON.stringify(numbered(number)) ? number : undefined;
}
