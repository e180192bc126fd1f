import { COLON, SP, TAB } from '../http/characters.ts';

/** RFC 9113 §8.2.2: what speaks of one HTTP/1.1 connection; neither side may send it. */
const CONNECTION_SPECIFIC: ReadonlySet<string> = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'transfer-encoding',
  'upgrade',
]);

// RFC 9113 §8.2.1: what holds names to RFC 9110 §5.1 needs to refuse upper case besides.
const NAME = /^[a-z0-9!#$%&'*+.^_`|~-]+$/;

// RFC 9110 §5.5: VCHAR, obs-text, SP and HTAB.
const VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;

export function isConnectionSpecific(name: string): boolean {
  return CONNECTION_SPECIFIC.has(name);
}

export function isFieldName(name: string): boolean {
  return NAME.test(name);
}

export function isFieldValue(value: string): boolean {
  return VALUE.test(value);
}

/**
 * What makes a message that has this field malformed (RFC 9113 §8.1.1), or undefined. Nothing is said of pseudo-header fields, which mean
 * what they mean together.
 */
export function faultOfField(name: string, value: string): string | undefined {
  if (isPseudoField(name)) return undefined;
  if (!isFieldName(name)) return 'field name';
  // RFC 9113 §8.2.1: no whitespace around a value.
  if (!isFieldValue(value) || isBlank(value.charCodeAt(0)) || isBlank(value.charCodeAt(value.length - 1)))
    return `value of ${name}`;
  if (isConnectionSpecific(name)) return `${name} in HTTP/2`;
  // RFC 9113 §8.2.2: TE may say trailers and nothing else.
  if (name === 'te' && value.toLowerCase() !== 'trailers') return 'te';
  return undefined;
}

/** RFC 9113 §8.3: its name begins by a colon. */
export function isPseudoField(name: string): boolean {
  return name.charCodeAt(0) === COLON;
}

function isBlank(code: number): boolean {
  return code === SP || code === TAB;
}
