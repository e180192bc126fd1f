import { createHash } from 'node:crypto';
import { encodeUtf8 } from '../../base/bytes.ts';
import { escapeHtml } from '../../base/escape-html.ts';
import { formatHttpDate } from './date.ts';
import type { SiteContent } from './index-content.ts';
import { mediaTypeOf } from './media-type.ts';
import type { PageMaker } from './page-maker.ts';
import type { Page, Redirection } from './site.ts';
import { formatPath } from './target.ts';

interface Entry {
  readonly name: string;
  /** Absent: a folder. */
  readonly sizeBytes?: number;
  readonly modifiedMs?: number;
}

/** Gives each folder without an index a page with links to what is in it. Made once per release, like all other content. */
export function addListings(
  routes: Map<string, Page | Redirection>,
  content: SiteContent,
  makePage: PageMaker,
): void {
  for (const [folder, entries] of foldersOf(content)) {
    if (routes.has(folder)) continue;
    const bytes = encodeUtf8(formatListing(folder, shownOf(entries)));
    const entityTag = `"${createHash('sha256').update(bytes).digest('base64url').slice(0, 22)}"`;
    const file = {
      path: folder,
      mediaType: mediaTypeOf('listing.html'),
      variants: [{ coding: 'identity', bytes, entityTag } as const],
    };
    routes.set(folder, makePage(file, folder));
    const name = folder.slice(0, -1);
    if (folder !== '' && !routes.has(name))
      routes.set(name, { kind: 'redirection', location: formatPath(folder.split('/')) });
  }
}

/** Every folder ('' or ending in a slash) with what is directly in it. */
function foldersOf(content: SiteContent): ReadonlyMap<string, ReadonlyMap<string, Entry>> {
  const folders = new Map<string, Map<string, Entry>>([['', new Map()]]);
  for (const { path, variants, modifiedMs } of content.files.values()) {
    const names = path.split('/');
    let folder = '';
    for (const [index, name] of names.entries()) {
      const entries = folders.get(folder) ?? new Map<string, Entry>();
      folders.set(folder, entries);
      const sizeBytes = variants.find(({ coding }) => coding === 'identity')?.bytes.length ?? 0;
      if (index < names.length - 1) entries.set(`${name}/`, { name: `${name}/` });
      else entries.set(name, { name, sizeBytes, ...(modifiedMs === undefined ? {} : { modifiedMs }) });
      folder += `${name}/`;
    }
  }
  return folders;
}

/** `.well-known` is for programs, which know what they look for. */
function shownOf(entries: ReadonlyMap<string, Entry>): Entry[] {
  return [...entries.values()].filter(({ name }) => !name.startsWith('.'));
}

function formatListing(folder: string, entries: Entry[]): string {
  // Folders first, then by code unit: the same on every machine.
  entries.sort((left, right) => compare(rank(left) + left.name, rank(right) + right.name));
  const title = escapeHtml(`/${folder}`);
  const rows = entries.map(formatRow).join('\n');
  const up = folder === '' ? '' : '<tr><td><a href="../">../</a><td><td>\n';
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>${title}</title>
<style>body{font:1rem/1.6 system-ui,sans-serif;margin:2rem auto;max-width:50rem;padding:0 1rem;color-scheme:light dark}table{width:100%;border-spacing:0}td+td{text-align:right;white-space:nowrap;padding-left:1rem}</style>
<h1>${title}</h1>
<table>
${up}${rows}
</table>
`;
}

function formatRow({ name, sizeBytes, modifiedMs }: Entry): string {
  const href = formatPath(name.split('/')).slice(1);
  const size = sizeBytes === undefined ? '' : formatSize(sizeBytes);
  const day = modifiedMs === undefined ? '' : formatHttpDate(modifiedMs).slice(5, 16);
  return `<tr><td><a href="./${escapeHtml(href)}">${escapeHtml(name)}</a><td>${size}<td>${day}`;
}

function formatSize(bytes: number): string {
  if (bytes < 1024) return `${bytes} B`;
  return bytes < 1024 * 1024 ? `${(bytes / 1024).toFixed(1)} KiB` : `${(bytes / 1024 / 1024).toFixed(1)} MiB`;
}

const rank = ({ name }: Entry): string => (name.endsWith('/') ? '0' : '1');
const compare = (left: string, right: string): number => (left < right ? -1 : left > right ? 1 : 0);
