import { expect, it } from 'vitest';
import { cacheControlOf } from './cache-lifetime.ts';

it.each([
  ['app.3f2a9c1b.js', true],
  ['assets/app-3f2a9c1b.css', true],
  ['app.3f2a9c1b0d4e5f60718293a4b5c6d7e8.chunk.js', true],
  ['index-Bq2xK9fP.js', true],
  ['index-DiwrgTda.js', false],
  ['my-document.pdf', false],
  ['report-20240115.pdf', false],
  ['feedface.js', false],
  ['a-deadbeef.js', false],
  ['photo-IMG1234.jpg', false],
  ['jquery-3.7.1.min.js', false],
  ['app.js', false],
  ['3f2a9c1b/app.js', false],
])('%s never changes: %s', (path, immutable) => {
  expect(cacheControlOf(path, 'text/javascript').includes('immutable')).toBe(immutable);
});

it('a page is always asked about', () => {
  expect(cacheControlOf('a.3f2a9c1b.html', 'text/html; charset=utf-8')).toBe('no-cache');
});
