import { err, ok, type Result } from '../../base/result.ts';
import type { ContentFault } from '../../base/content-fault.ts';
import type { IndexedFile, SiteContent } from './index-content.ts';
import { addListings } from './listing.ts';
import { GENERAL_FIELDS } from './page-fields.ts';
import { type PageMaker, createPageMaker } from './page-maker.ts';
import { decodeLiteral, matchPath } from './path-pattern.ts';
import { asErrorPage } from './represent.ts';
import { isRedirect, REDIRECTS_FILE, type RedirectRule } from './redirect-rules.ts';
import type { Page, Redirection, Site } from './site.ts';
import { formatPath } from './target.ts';

export interface SiteOptions {
  /** `/about` for about.html: 'serve' both, 'redirect' from the longer to the shorter, or 'off'. */
  readonly cleanUrls: 'serve' | 'redirect' | 'off';
  /** The file that is shown for paths that a single-page application makes up. */
  readonly fallbackPage?: string;
  /** Shows the files of folders without index.html. */
  readonly listing: boolean;
  /** RFC 6797: the field's value, where browsers shall come by HTTPS alone from now on. */
  readonly strictTransportSecurity?: string;
  /** Folders (decoded names) that not everybody may see. */
  readonly lockedFolders: readonly (readonly string[])[];
}

type Routes = Map<string, Page | Redirection>;

/** Joins a release to its configuration. Cheap beside indexing: no content is touched. */
export function buildSite(content: SiteContent, options: SiteOptions): Result<Site, readonly ContentFault[]> {
  const hsts = options.strictTransportSecurity;
  const generalFields = [
    ...GENERAL_FIELDS,
    ...(hsts === undefined ? [] : ['strict-transport-security', hsts]),
  ];
  const makePage = createPageMaker(content.headerRules, generalFields);
  const routes = routesOf(content, options, makePage);
  if (options.listing) addListings(routes, content, makePage);
  const faults = faultsOf(content, options, routes);
  if (faults.length > 0) return err(faults);
  const fallbackPage = pageAt(routes, options.fallbackPage);
  return ok({
    routes,
    errorPages: errorPagesOf(content, makePage),
    ...(fallbackPage === undefined ? {} : { fallbackPage }),
    redirectRules: content.redirectRules,
    hasForcedRules: content.redirectRules.some(({ forced }) => forced),
    lockedFolders: options.lockedFolders,
    generalFields,
    files: content.files.size,
    sizeBytes: content.sizeBytes,
  });
}

/** Every URL that shows a file: its own, the folder's for an index, and with clean URLs the one without `.html`. */
function routesOf(content: SiteContent, { cleanUrls }: SiteOptions, makePage: PageMaker): Routes {
  const routes: Routes = new Map();
  for (const [path, file] of content.files) routes.set(path, makePage(file, path));
  for (const [path, file] of content.files) {
    const folder = folderOf(path);
    if (folder !== undefined) {
      addCanonical(routes, { path, file, canonical: folder, cleanUrls }, content, makePage);
      addRedirection(routes, folder.slice(0, -1), folder);
    } else if (cleanUrls !== 'off' && path.endsWith('.html')) {
      const canonical = path.slice(0, -'.html'.length);
      // A folder's page of the same name stays reachable by its slash, and a file of exactly this name comes first.
      if (!content.files.has(canonical))
        addCanonical(routes, { path, file, canonical, cleanUrls }, content, makePage);
      if (!content.files.has(`${canonical}/index.html`)) addRedirection(routes, `${canonical}/`, canonical);
    }
  }
  return routes;
}

interface CanonicalUrl {
  readonly path: string;
  readonly file: IndexedFile;
  readonly canonical: string;
  readonly cleanUrls: SiteOptions['cleanUrls'];
}

function addCanonical(
  routes: Routes,
  { path, file, canonical, cleanUrls }: CanonicalUrl,
  content: SiteContent,
  makePage: PageMaker,
): void {
  const page = makePage(file, canonical);
  routes.set(canonical, page);
  // A rule that sends the short form elsewhere could send it back here: then both forms show the page.
  if (cleanUrls === 'redirect' && !content.redirectRules.some(rule => forces(rule, canonical)))
    routes.set(path, { kind: 'redirection', location: locationOf(canonical), page });
}

function forces(rule: RedirectRule, path: string): boolean {
  return rule.forced && matchPath(rule.pattern, path) !== undefined;
}

function addRedirection(routes: Routes, path: string, to: string): void {
  if (path !== '' && !routes.has(path)) routes.set(path, { kind: 'redirection', location: locationOf(to) });
}

/** The folder that this index stands for: '' for the start page. */
function folderOf(path: string): string | undefined {
  return /^((?:.*\/)?)index\.html$/.exec(path)?.[1];
}

export function locationOf(path: string): string {
  return formatPath(path.split('/'));
}

/** `404.html`; `50x.html` stands for every status of that class that has no page of its own. */
function errorPagesOf(content: SiteContent, makePage: PageMaker): ReadonlyMap<number, Page> {
  const pages = new Map<number, Page>();
  for (const [path, file] of content.files) {
    const match = /^([45])(\d\d|xx|0x)\.html$/.exec(path);
    if (match === null) continue;
    const [, group = '', rest = ''] = match;
    const page = asErrorPage(makePage(file, path));
    if (/\d\d/.test(rest)) pages.set(Number(group + rest), page);
    else
      for (let status = Number(group) * 100; status < Number(group) * 100 + 100; status++)
        if (!content.files.has(`${status}.html`)) pages.set(status, page);
  }
  return pages;
}

/** The page that a rewrite or a fallback means by this path. */
export function pageAt(routes: Site['routes'], path: string | undefined): Page | undefined {
  const route = path === undefined ? undefined : routes.get(path);
  return route?.kind === 'redirection' ? route.page : route;
}

function faultsOf(
  content: SiteContent,
  { fallbackPage, listing }: SiteOptions,
  routes: Routes,
): ContentFault[] {
  if (content.files.size === 0)
    return [{ reason: 'the site is empty: put index.html and the other files of the site there' }];
  const faults: ContentFault[] = [];
  if (!routes.has('') && !listing)
    faults.push({ reason: 'the site has no index.html: put the start page there' });
  if (fallbackPage !== undefined && pageAt(routes, fallbackPage) === undefined)
    faults.push({ file: fallbackPage, reason: 'is named as the fallback page and is not there' });
  for (const { line, status, to } of content.redirectRules)
    if (
      !isRedirect(status) &&
      !to.path.includes(':') &&
      pageAt(routes, decodeLiteral(to.path.slice(1))) === undefined
    )
      faults.push({ file: REDIRECTS_FILE, line, reason: `${to.path} is not a page of this site` });
  return faults;
}
