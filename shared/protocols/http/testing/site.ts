import { encodeUtf8 } from '../../../base/bytes.ts';
import { buildSite, type SiteOptions } from '../build-site.ts';
import type { ContentFault } from '../../../base/content-fault.ts';
import { indexContent, type SiteFile } from '../index-content.ts';
import type { Response } from '../message.ts';
import type { Locked } from '../respond.ts';
import type { Site } from '../site.ts';

export const PLAIN: SiteOptions = { cleanUrls: 'serve', listing: false, lockedFolders: [] };

/** 2026-11-23 12:00 UTC: long after any file of a test was changed. */
export const NOW: number = 1795435200000;

export function filesOf(texts: Readonly<Record<string, string>>): SiteFile[] {
  return Object.entries(texts).map(([path, text]) => ({ path, bytes: encodeUtf8(text) }));
}

/** @throws Error where the site has faults. */
export function siteOf(files: readonly SiteFile[], options: Partial<SiteOptions> = {}): Site {
  const content = indexContent(files, NOW);
  if (!content.ok) throw new Error(JSON.stringify(content.error));
  const site = buildSite(content.value, { ...PLAIN, ...options });
  if (!site.ok) throw new Error(JSON.stringify(site.error));
  return site.value;
}

/** Why this site cannot be served. */
export function faultsOf(
  files: readonly SiteFile[],
  options: Partial<SiteOptions> = {},
): readonly ContentFault[] {
  const content = indexContent(files, NOW);
  if (!content.ok) return content.error;
  const site = buildSite(content.value, { ...PLAIN, ...options });
  return site.ok ? [] : site.error;
}

/** @throws Error where the answer lies behind a password. */
export function open(answer: Response | Locked): Response {
  if ('lockedFolder' in answer) throw new Error(`folder ${answer.lockedFolder} is locked`);
  return answer;
}

export function fieldIn(response: Response, name: string): string | undefined {
  const index = response.fields.indexOf(name);
  return index % 2 === 0 ? response.fields[index + 1] : undefined;
}
