/**
 * Media types by file extension, from IANA's registry. Text says its charset (RFC 9110 §8.3.2): without it browsers
 * guess. The rest of the world is application/octet-stream, which browsers save.
 */
const TEXT = '; charset=utf-8';
const MEDIA_TYPES: Readonly<Record<string, string>> = {
  html: `text/html${TEXT}`,
  htm: `text/html${TEXT}`,
  css: `text/css${TEXT}`,
  // RFC 9239: text/javascript is the one name.
  js: `text/javascript${TEXT}`,
  mjs: `text/javascript${TEXT}`,
  txt: `text/plain${TEXT}`,
  md: `text/markdown${TEXT}`,
  csv: `text/csv${TEXT}`,
  ics: `text/calendar${TEXT}`,
  vcf: `text/vcard${TEXT}`,
  vtt: `text/vtt${TEXT}`,
  // JSON and XML carry their own encoding (RFC 8259 §8.1, RFC 7303 §3).
  json: 'application/json',
  map: 'application/json',
  jsonld: 'application/ld+json',
  webmanifest: 'application/manifest+json',
  xml: 'application/xml',
  rss: 'application/rss+xml',
  atom: 'application/atom+xml',
  xhtml: 'application/xhtml+xml',
  svg: 'image/svg+xml',
  png: 'image/png',
  jpg: 'image/jpeg',
  jpeg: 'image/jpeg',
  gif: 'image/gif',
  webp: 'image/webp',
  avif: 'image/avif',
  bmp: 'image/bmp',
  ico: 'image/vnd.microsoft.icon',
  woff2: 'font/woff2',
  woff: 'font/woff',
  ttf: 'font/ttf',
  otf: 'font/otf',
  mp3: 'audio/mpeg',
  m4a: 'audio/mp4',
  oga: 'audio/ogg',
  ogg: 'audio/ogg',
  opus: 'audio/ogg',
  flac: 'audio/flac',
  wav: 'audio/vnd.wave',
  mp4: 'video/mp4',
  webm: 'video/webm',
  ogv: 'video/ogg',
  pdf: 'application/pdf',
  epub: 'application/epub+zip',
  wasm: 'application/wasm',
  zip: 'application/zip',
  gz: 'application/gzip',
};

/** The media type of a file by the end of its path; case does not count. */
export function mediaTypeOf(path: string): string {
  const extension = /\.([a-z0-9]+)$/i.exec(path)?.[1]?.toLowerCase() ?? '';
  return Object.hasOwn(MEDIA_TYPES, extension)
    ? (MEDIA_TYPES[extension] as string)
    : 'application/octet-stream';
}
