import { pageAt } from './build-site.ts';
import { fieldOf, type Request, type Response } from './message.ts';
import { lockOf } from './protection.ts';
import { fillTarget, isRedirect, matchRule, type RedirectRule } from './redirect-rules.ts';
import { redirect, refuse } from './refuse.ts';
import { asErrorPage, represent, representError } from './represent.ts';
import type { Page, Site } from './site.ts';
import { formatPath, parseTarget, plainPath, type Target } from './target.ts';

/** The answer lies in a folder that asks for a password. */
export interface Locked {
  /** Index in {@link Site.lockedFolders}. */
  readonly lockedFolder: number;
}

/** What is asked of a site: the request, and where it points. */
interface Question {
  readonly site: Site;
  readonly request: Request;
  readonly nowMs: number;
  readonly target: Target;
  /** Decoded, without leading slash. */
  readonly path: string;
  /** Folders that this client has shown a password for. */
  readonly entered: readonly number[];
}

const ALLOW = ['allow', 'GET, HEAD, OPTIONS'];
/** Methods that RFC 9110 §9.3 and RFC 5789 define: known, but not for files. */
const KNOWN_METHODS = new Set(['POST', 'PUT', 'DELETE', 'PATCH', 'TRACE', 'CONNECT']);

/** The answer of a static site to any request. `nowMs` is only for dates with two-digit years. */
export function respond(
  site: Site,
  request: Request,
  nowMs: number,
  entered: readonly number[] = [],
): Response | Locked {
  const { method } = request;
  // RFC 9110 §9.3.7: Allow tells what can be done; `*` asks of the server in general.
  if (method === 'OPTIONS') return { status: 204, fields: [...ALLOW, ...site.generalFields], body: [] };
  // RFC 9110 §15.5.6: 405 names the methods that are allowed. §15.6.2: 501 is for a method that is not recognised.
  if (method !== 'GET' && method !== 'HEAD')
    return KNOWN_METHODS.has(method)
      ? refuse(405, ALLOW, site.generalFields)
      : refuse(501, [], site.generalFields);
  const answer = answerGet(site, request, nowMs, entered);
  // RFC 9110 §9.3.2: HEAD has the fields of GET and no content.
  return method === 'HEAD' && !('lockedFolder' in answer) ? { ...answer, body: [] } : answer;
}

function answerGet(
  site: Site,
  request: Request,
  nowMs: number,
  entered: readonly number[],
): Response | Locked {
  const plain = plainPage(site, request);
  if (plain !== undefined) return represent(plain, request, nowMs);
  const target = parseTarget(request.target);
  if (!target.ok) return errorResponse(site, request, target.error);
  const path = target.value.segments.join('/');
  const lockedFolder = lockOf(site.lockedFolders, path, entered);
  if (lockedFolder !== undefined) return { lockedFolder };
  const question = { site, request, nowMs, target: target.value, path, entered };
  return (site.hasForcedRules ? byRule(question, true) : undefined) ?? byRoute(question);
}

/** The page at a path that needs no decoding, where no rule and no lock could say otherwise: the short way of most requests. */
function plainPage(site: Site, { target }: Request): Page | undefined {
  if (site.hasForcedRules || site.lockedFolders.length > 0) return undefined;
  const path = plainPath(target);
  const route = path === undefined ? undefined : site.routes.get(path);
  return route?.kind === 'page' ? route : undefined;
}

function byRoute(question: Question): Response | Locked {
  const { site, path, target } = question;
  const route = site.routes.get(path);
  if (route?.kind === 'page') return show(route, question);
  if (route?.kind === 'redirection') return redirect(route.location + target.query, 308, site.generalFields);
  return byRule(question, false) ?? byFallback(question);
}

function byFallback(question: Question): Response | Locked {
  const { site, path, request } = question;
  // An application's own paths have no extension; a picture that is missing is missing.
  if (site.fallbackPage !== undefined && !/\.[^/]*$/.test(path)) return show(site.fallbackPage, question);
  return errorResponse(site, request, 404);
}

/** The first rule that holds here. A rule that leads to where the visitor already is does not. */
function byRule(question: Question, forced: boolean): Response | Locked | undefined {
  const { site, path, target } = question;
  for (const rule of site.redirectRules) {
    if (forced && !rule.forced) continue;
    const values = matchRule(rule, path, target.query);
    if (values === undefined) continue;
    const filled = fillTarget(rule.to, values, target.query);
    if (!isRedirect(rule.status)) return byRewrite(question, rule, filled.path);
    if (rule.to.origin === '' && filled.path + filled.query === formatPath(target.segments) + target.query)
      continue;
    const location = rule.to.origin + filled.path + filled.query + rule.to.fragment;
    return redirect(location, rule.status, site.generalFields);
  }
  return undefined;
}

/** Shows another page here. No further rule is looked at, so rewrites cannot run in a circle. */
function byRewrite(question: Question, { status }: RedirectRule, encodedPath: string): Response | Locked {
  const { site, request } = question;
  const target = parseTarget(encodedPath);
  const page = target.ok ? pageAt(site.routes, target.value.segments.join('/')) : undefined;
  if (page === undefined) return errorResponse(site, request, 404);
  return status === 200 ? show(page, question) : showAs(page, question, status);
}

function show(page: Page, { site, request, nowMs, entered }: Question): Response | Locked {
  const lockedFolder = lockOf(site.lockedFolders, page.path, entered);
  return lockedFolder === undefined ? represent(page, request, nowMs) : { lockedFolder };
}

function showAs(page: Page, { site, request, entered }: Question, status: number): Response | Locked {
  const lockedFolder = lockOf(site.lockedFolders, page.path, entered);
  return lockedFolder === undefined ? representError(asErrorPage(page), request, status) : { lockedFolder };
}

/** An answer that went wrong: the site's own page for it, else a short one in words. `fields` are added. */
export function errorResponse(
  site: Site,
  request: Request,
  status: number,
  fields: readonly string[] = [],
): Response {
  const page = site.errorPages.get(status);
  if (page === undefined) return refuse(status, fields, site.generalFields);
  const answer = representError(page, request, status);
  return fields.length === 0 ? answer : { ...answer, fields: [...answer.fields, ...fields] };
}

/** The host that a request is for, in lower case, without port and last dot; undefined where it names none. */
export function hostOf(request: Request): string | undefined {
  const authority = authorityOf(request);
  const host = authority?.replace(/:\d*$/, '').toLowerCase().replace(/\.$/, '');
  return host === '' ? undefined : host;
}

/** The authority as the client wrote it. */
export function authorityOf(request: Request): string | undefined {
  // RFC 9112 §3.2.2: an absolute-form target goes before Host; RFC 9113 §8.3.1: so does :authority.
  const absolute = request.target.startsWith('/') ? null : /^https?:\/\/([^/?#]*)/i.exec(request.target);
  return absolute?.[1] ?? fieldOf(request, ':authority') ?? fieldOf(request, 'host');
}
