import { OperationalError } from '../../shared/base/operational-error.ts';
import type { Content, ContentEntry } from '../../shared/devices/content.ts';
import { DeviceError } from '../../shared/devices/device-error.ts';
import { CODINGS_FOLDER, type SiteFile } from '../../shared/protocols/http/index-content.ts';

/** The site cannot be served as it is; the message says what would be right. */
export class SiteError extends OperationalError {
  override name = 'SiteError';
}

export interface SiteSource {
  readonly content: Content;
  /** Where the files are. */
  readonly folder: string;
  readonly sizeMaxBytes: number;
}

/** The baked-in files of a site, in one SharedArrayBuffer. @throws SiteError. */
export async function loadSite({ content, folder, sizeMaxBytes }: SiteSource): Promise<SiteFile[]> {
  const entries = await content.list(folder).catch((cause: unknown) => refuseFolder(folder, cause));
  const total = sizeOf(entries);
  // What was made of the files when they were baked in is not the owner's doing.
  const own = sizeOf(entries.filter(({ path }) => !path.startsWith(`${CODINGS_FOLDER}/`)));
  if (own > sizeMaxBytes)
    throw new SiteError(
      `the site folder ${folder} has ${mib(own)}, and the site is kept in memory: [web-service] content-max-mib allows ${mib(sizeMaxBytes)}`,
    );
  const memory = new SharedArrayBuffer(total);
  const files: SiteFile[] = [];
  let offset = 0;
  for (const { path, sizeBytes, modifiedMs } of entries) {
    const bytes = await content.read(folder, path);
    if (bytes.length !== sizeBytes)
      throw new SiteError(`${folder}/${path} changed while it was read: start again`);
    const view = new Uint8Array(memory, offset, sizeBytes);
    view.set(bytes);
    offset += sizeBytes;
    files.push({ path, bytes: view, ...(modifiedMs === undefined ? {} : { modifiedMs }) });
  }
  return files;
}

function refuseFolder(folder: string, cause: unknown): never {
  if (!(cause instanceof DeviceError) || cause.kind !== 'not-found') throw cause;
  throw new SiteError(
    `the site folder ${folder} is not there: [web-service] site-folder must name a folder with an index.html`,
    { cause },
  );
}

function sizeOf(entries: readonly ContentEntry[]): number {
  return entries.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
}

function mib(bytes: number): string {
  return `${Math.ceil(bytes / 1024 / 1024)} MiB`;
}
