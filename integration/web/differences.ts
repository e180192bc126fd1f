import type { Ask } from './client.ts';

/** One point in which an answer of ours is not nginx's. */
export interface Difference {
  readonly ask: Ask;
  readonly point: string;
  readonly ours: string | undefined;
  readonly theirs: string | undefined;
}

/** A difference we want, with the reason. */
export interface Argument {
  readonly because: string;
  readonly explains: (difference: Difference) => boolean;
}

const header = ({ ask }: Difference, name: string): string | undefined => ask.headers?.[name];
const statuses = ({ point, ours, theirs }: Difference): string =>
  point === 'status' ? `${ours} for ${theirs}` : '';

/** Every difference that there may be; the test fails for others, and for one of these that no longer shows. */
export const ARGUMENTS: readonly Argument[] = [
  {
    because:
      'RFC 9110 §14.1.1, §14.2: an invalid Range is ignored; 416 is for a valid one that nothing satisfies',
    explains: difference =>
      /^200 for (?:416|206)/.test(statuses(difference)) &&
      /^bytes=(?:5-2|abc|-|,|0-2,x|0-2,5-3|0--2|)$/.test(header(difference, 'range') ?? ''),
  },
  {
    because: 'RFC 9110 §14.2: Range is defined for GET alone; nginx counts it for HEAD',
    explains: ({ ask, ours }) =>
      ask.method === 'HEAD' && ask.headers?.['range'] !== undefined && ours !== '412',
  },
  {
    because: 'RFC 9110 §13.1.4: If-Unmodified-Since is ignored beside If-Match; nginx asks both',
    explains: difference =>
      header(difference, 'if-match') !== undefined &&
      header(difference, 'if-unmodified-since') !== undefined &&
      difference.theirs === '412',
  },
  {
    because: 'RFC 9110 §13.1.3: If-Modified-Since is ignored beside If-None-Match; nginx asks both',
    explains: difference =>
      header(difference, 'if-none-match') !== undefined &&
      header(difference, 'if-modified-since') !== undefined,
  },
  {
    because: 'RFC 9110 §15.4.5: a 304 with an entity tag has no other metadata',
    explains: ({ point, ours }) => point === 'last-modified' && ours === undefined,
  },
  {
    because:
      'RFC 9110 §14.2: ranges are of the chosen representation, coded ones too; nginx has none of those',
    explains: difference =>
      /^(?:206|416) for 200$/.test(statuses(difference)) &&
      /gzip/i.test(header(difference, 'accept-encoding') ?? ''),
  },
  {
    because: 'RFC 9110 §14.2: a Range may be ignored, and of an empty file Content-Range could name no part',
    explains: difference => statuses(difference) === '200 for 416' && difference.ask.path === '/empty.txt',
  },
  {
    because: 'RFC 9110 §14.3: a 206 may say as well that more ranges can be asked for',
    explains: ({ point, ours }) => point === 'accept-ranges' && ours === 'bytes',
  },
  {
    because:
      'RFC 9110 §13.1.4: If-Unmodified-Since is ignored where it is no date; nginx takes it for an old one',
    explains: difference => header(difference, 'if-unmodified-since') === 'x' && difference.theirs === '412',
  },
  {
    because: 'no method but GET, HEAD and OPTIONS is allowed anywhere, whether or not there is a page',
    explains: difference => statuses(difference) === '405 for 404' && difference.ask.method === 'POST',
  },
  {
    because: 'a folder without an index has nothing to lead to',
    explains: difference => statuses(difference) === '404 for 301' && difference.ask.path === '/a%20b',
  },
  {
    because: 'RFC 6713 §3: a gzip file asked for by its own name',
    explains: ({ point, ask }) => point === 'content-type' && ask.path.endsWith('.gz'),
  },
  {
    because: 'RFC 9110 §15.4.9: 308 keeps the method; 301 may not',
    explains: difference => statuses(difference) === '308 for 301',
  },
  {
    because: 'RFC 9110 §12.5.3: the star stands for gzip too; nginx looks for the word',
    explains: difference => header(difference, 'accept-encoding') === '*',
  },
  {
    because: 'RFC 9110 §12.5.3: gzip has the smaller weight',
    explains: difference => header(difference, 'accept-encoding') === 'identity, gzip;q=0.5',
  },
  {
    because: 'RFC 9110 §8.4.1.3: x-gzip is gzip',
    explains: difference => header(difference, 'accept-encoding') === 'x-gzip',
  },
  {
    because:
      'RFC 9110 §13.1.5: codings share their date, so it cannot tell which bytes a client has begun with',
    explains: difference =>
      header(difference, 'if-range')?.endsWith('GMT') === true && difference.ask.path.endsWith('.css'),
  },
  {
    because:
      'RFC 9110 §13.1.5: any date that is the same moment is the same date; nginx compares seconds too, but reads no other form',
    explains: difference => /^\w+day, /.test(header(difference, 'if-range') ?? ''),
  },
  {
    because: 'RFC 9239 §6: JavaScript is text/javascript',
    explains: ({ point, ask }) => point === 'content-type' && ask.path.endsWith('.js'),
  },
  {
    because: 'the type is not known: octet-stream is saved, and nginx’s text/plain would be shown',
    explains: ({ point, ask, theirs }) =>
      point === 'content-type' && /\/[^.]+$/.test(ask.path) && theirs === 'text/plain',
  },
  {
    because: 'RFC 9110 §9.3.7: OPTIONS tells what is allowed',
    explains: difference => statuses(difference) === '204 for 405' && difference.ask.method === 'OPTIONS',
  },
  {
    because: 'RFC 9110 §15.6.2: a method that is not known is no reason for 405 (node:http itself says 400)',
    explains: difference =>
      /^(?:400|501) for 405/.test(statuses(difference)) && difference.ask.method === 'BREW',
  },
  {
    because: 'hidden files are nobody’s business',
    explains: difference => difference.ours === '404' && difference.ask.path.includes('/.'),
  },
  {
    because: 'dots and doubled slashes in a target are a probe: clients resolve them before they ask',
    explains: ({ ask, ours }) => ours === '404' && /\/\/|\.\.|%2e|\/\.\//i.test(ask.path),
  },
  {
    because: 'an encoded slash is not a slash',
    explains: ({ ask, ours }) => ours === '404' && /%2f/i.test(ask.path),
  },
  {
    because: 'clean URLs are on: /a is a.html, and /a/ leads there',
    explains: ({ ask }) => /^\/about\/?$/.test(ask.path),
  },
  {
    because: 'RFC 3629 §3: what is not UTF-8 names no file, and control characters none that is ours',
    explains: ({ ask, ours }) => ours === '400' && /%(?:ff|c0|0a|01|7f)/i.test(ask.path),
  },
];
