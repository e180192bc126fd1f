import { err, ok, type Result } from '../../base/result.ts';

/** Where a request points within a site. */
export interface Target {
  /** Decoded names between the slashes; the last is empty where the path ends in a slash. */
  readonly segments: readonly string[];
  /** With its `?`, as sent; empty where there is none. */
  readonly query: string;
}

/** The status that a target is refused with. */
export type TargetFault = 400 | 404 | 414;

/** RFC 9112 §3 recommends at least 8,000 octets; no file of a site is named in more. */
export const TARGET_MAX_CHARS = 8192;

/** Takes the origin-form and the absolute-form (RFC 9112 §3.2.2: a server must accept it) of a request target. */
export function parseTarget(target: string): Result<Target, TargetFault> {
  if (target.length > TARGET_MAX_CHARS) return err(414);
  const origin = target.replace(/^https?:\/\/[^/?#]*/i, '');
  const whole = origin === target || origin.startsWith('/') ? origin : `/${origin}`;
  // A fragment is never sent, and all else that may stand in a URI is visible ASCII (RFC 3986 §2).
  if (!/^\/[\x21\x22\x24-\x7e]*$/.test(whole)) return err(400);
  const [, path = '', query = ''] = /^([^?]*)(.*)$/.exec(whole) ?? [];
  const segments: string[] = [];
  const names = path.slice(1).split('/');
  for (const [index, encoded] of names.entries()) {
    const name = decodeSegment(encoded);
    if (name === undefined) return err(400);
    if (!isServable(name, index, index === names.length - 1)) return err(404);
    segments.push(name.normalize('NFC'));
  }
  return ok({ segments, query });
}

/**
 * The decoded path, without leading slash, of a target that needs no decoding: most do not. Undefined says nothing about the
 * others. A path that names no file of a site may still be one that {@link parseTarget} refuses.
 */
export function plainPath(target: string): string | undefined {
  return /^\/[A-Za-z0-9._/-]*$/.test(target) ? target.slice(1) : undefined;
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Percent-decodes once. Undefined for a broken escape, a control character, or bytes that are not UTF-8 (overlong forms among them). */
function decodeSegment(encoded: string): string | undefined {
  if (!encoded.includes('%')) return encoded;
  if (/%(?![0-9a-fA-F]{2})/.test(encoded)) return undefined;
  const bytes = new Uint8Array(encoded.length);
  let length = 0;
  for (let index = 0; index < encoded.length; index++) {
    const escaped = encoded[index] === '%';
    bytes[length++] = escaped
      ? Number.parseInt(encoded.slice(index + 1, index + 3), 16)
      : encoded.charCodeAt(index);
    if (escaped) index += 2;
  }
  const text = decodeStrictly(bytes.subarray(0, length));
  return text === undefined || hasControlCharacter(text) ? undefined : text;
}

function decodeStrictly(bytes: Uint8Array): string | undefined {
  try {
    return utf8.decode(bytes);
  } catch {
    return undefined;
  }
}

function hasControlCharacter(text: string): boolean {
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    if (code < 0x20 || code === 0x7f) return true;
  }
  return false;
}

/**
 * No separator may hide in a name, no name begins with a dot ('.', '..', '.git'), and only the last may be empty.
 * RFC 8615: `/.well-known/` is for everybody.
 */
function isServable(name: string, index: number, last: boolean): boolean {
  if (name === '') return last;
  if (name.includes('/') || name.includes('\\')) return false;
  return !name.startsWith('.') || (index === 0 && name === '.well-known');
}

/** The path of `segments` as it stands in a URI. */
export function formatPath(segments: readonly string[]): string {
  return `/${segments.map(encodeURIComponent).join('/')}`;
}

/** Whether a file of this path (relative, `/`-separated) can be reached at all: hidden files are kept out of the index. */
export function isReachable(path: string): boolean {
  const names = path.split('/');
  return names.every((name, index) => name !== '' && isServable(name, index, false));
}
