/**
 * A name that holds a hash of the content, as bundlers make them: `app.3f2a9c1b.js`, `index-Bq2xK9fP.css`. Words and dates do
 * not count: eight or more hexadecimal digits with both letters and figures among them, or eight letters and figures
 * of both cases.
 */
const HASHED =
  /[.-](?:(?=[0-9]*[a-f])(?=[a-f]*[0-9])[0-9a-f]{8,64}|(?=\w*[0-9])(?=\w*[a-z])(?=\w*[A-Z])[\w-]{8,22})\.[a-z0-9.]+$/;

/** RFC 8246: what stands under such a name never changes, so nobody needs to ask again. */
const IMMUTABLE = 'public, max-age=31536000, immutable';

/** Kept by caches but asked about each time: a new release is seen at once, and an unchanged file costs a 304. */
const REVALIDATED = 'no-cache';

/** The Cache-Control of a file. A page is always asked about: its name is what people know. */
export function cacheControlOf(path: string, mediaType: string): string {
  if (mediaType.startsWith('text/html')) return REVALIDATED;
  const name = path.slice(path.lastIndexOf('/') + 1);
  return HASHED.test(name) ? IMMUTABLE : REVALIDATED;
}
