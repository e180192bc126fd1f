import { DeviceError } from '../../shared/devices/device-error.ts';
import type { Content, ContentEntry } from '../../shared/devices/content.ts';
import { indexSite, type Site, type SiteFile } from '../../shared/protocols/http/site.ts';

/** The site cannot be served as it is; the message says what would be right. */
export class SiteError extends Error {
  override name = 'SiteError';
}

export interface SiteSource {
  readonly content: Content;
  /** Where the files are. */
  readonly folder: string;
  readonly sizeMaxBytes: number;
}

/** Reads the whole site into memory and indexes it. @throws SiteError. */
export async function loadSite(source: SiteSource, nowMs: number): Promise<Site> {
  const { content, folder } = source;
  const entries = await content.list(folder).catch((cause: unknown) => refuseFolder(folder, cause));
  checkSize(entries, source);
  const files: SiteFile[] = [];
  for (const { path, modifiedMs } of entries) {
    const bytes = await content.read(folder, path);
    files.push({ path, bytes, ...(modifiedMs === undefined ? {} : { modifiedMs }) });
  }
  const site = indexSite(files, nowMs);
  if (site.ok) return site.value;
  throw new SiteError(
    site.error === 'empty'
      ? `the site folder ${folder} is empty: put index.html and the other files of the site there`
      : `the site folder ${folder} has no index.html: put the start page there, or name another folder in [web-service] site-folder`,
  );
}

function refuseFolder(folder: string, cause: unknown): never {
  if (!(cause instanceof DeviceError) || cause.kind !== 'not-found') throw cause;
  throw new SiteError(
    `the site folder ${folder} is not there: [web-service] site-folder must name a folder with an index.html`,
    { cause },
  );
}

function checkSize(entries: readonly ContentEntry[], { folder, sizeMaxBytes }: SiteSource): void {
  const total = entries.reduce((sum, entry) => sum + entry.sizeBytes, 0);
  if (total <= sizeMaxBytes) return;
  const mib = (bytes: number): string => `${Math.ceil(bytes / 1024 / 1024)} MiB`;
  throw new SiteError(
    `the site folder ${folder} has ${mib(total)}, and the site is kept in memory: [web-service] content-max-mib allows ${mib(sizeMaxBytes)}`,
  );
}
