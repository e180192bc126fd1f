import { expect, it } from 'vitest';
import { mediaTypeOf } from './media-type.ts';

it.each([
  ['index.html', 'text/html; charset=utf-8'],
  ['a/B.HTML', 'text/html; charset=utf-8'],
  ['app.mjs', 'text/javascript; charset=utf-8'],
  ['logo.svg', 'image/svg+xml'],
  ['font.woff2', 'font/woff2'],
  ['data.json', 'application/json'],
  ['archive.tar.gz', 'application/gzip'],
  ['LICENSE', 'application/octet-stream'],
  ['a.unknown', 'application/octet-stream'],
  ['x.constructor', 'application/octet-stream'],
  ['a.html/b', 'application/octet-stream'],
])('mediaTypeOf() %s is %s', (path, expected) => {
  expect(mediaTypeOf(path)).toBe(expected);
});
