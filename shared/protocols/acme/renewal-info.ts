import { encodeBase64Url } from './jws.ts';
import { isObject, readString } from './json.ts';

/** RFC 9773 §4.2: when the authority would like to be asked for the next certificate. */
export interface RenewalWindow {
  readonly startMs: number;
  readonly endMs: number;
  /** A page that tells people why, as in a mass revocation. */
  readonly explanationUrl?: string;
}

/** RFC 9773 §4.1: key identifier of the issuer and serial number, as the bytes stand in the certificate, sign included. */
export function renewalCertificateId(authorityKeyId: Uint8Array, serialNumber: Uint8Array): string {
  return `${encodeBase64Url(authorityKeyId)}.${encodeBase64Url(serialNumber)}`;
}

/** RFC 9773 §4.1: the certificate's name is one more segment of the path. */
export function renewalInfoUrl(renewalInfo: string, certificateId: string): string {
  return `${renewalInfo.replace(/\/$/, '')}/${certificateId}`;
}

/** undefined where the answer is malformed, which counts as no answer (RFC 9773 §4.3.2). */
export function readRenewalInfo(value: unknown): RenewalWindow | undefined {
  if (!isObject(value) || !isObject(value['suggestedWindow'])) return undefined;
  const startMs = parseTimestamp(readString(value['suggestedWindow'], 'start'));
  const endMs = parseTimestamp(readString(value['suggestedWindow'], 'end'));
  // RFC 9773 §4.2: a window whose end is not after its start is malformed.
  if (startMs === undefined || endMs === undefined || endMs <= startMs) return undefined;
  const explanationUrl = readString(value, 'explanationURL');
  return {
    startMs,
    endMs,
    ...(explanationUrl?.startsWith('https://') === true
      ? { explanationUrl: explanationUrl.slice(0, URL_MAX_CHARACTERS) }
      : {}),
  };
}

/** Longer ones are no address for people. */
const URL_MAX_CHARACTERS = 500;

const TIMESTAMP =
  /^(\d{4})-(\d{2})-(\d{2})[Tt](\d{2}):(\d{2}):(\d{2})(?:\.\d+)?(?:[Zz]|([+-])(\d{2}):(\d{2}))$/;
const MINUTE_MS = 60_000;

/** RFC 3339 §5.6, in milliseconds since 1970; fractions of a second are dropped. */
function parseTimestamp(text: string | undefined): number | undefined {
  const match = text === undefined ? null : TIMESTAMP.exec(text);
  if (match === null) return undefined;
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = match.slice(1, 7).map(Number);
  if (month < 1 || month > 12 || day < 1 || day > 31 || hour > 23 || minute > 59 || second > 60)
    return undefined;
  const offsetMinutes = Number(match[8] ?? 0) * 60 + Number(match[9] ?? 0);
  const sign = match[7] === '-' ? -1 : 1;
  const dayMs = daysSince1970(year, month, day) * 1_440 * MINUTE_MS;
  return dayMs + ((hour * 60 + minute) * 60 + second) * 1_000 - sign * offsetMinutes * MINUTE_MS;
}

/** The Gregorian calendar, counted in years that begin in March, so that the leap day is a year's last. */
function daysSince1970(year: number, month: number, day: number): number {
  const marchYear = month > 2 ? year : year - 1;
  const monthFromMarch = (month + 9) % 12;
  const dayOfYear = Math.floor((153 * monthFromMarch + 2) / 5) + day - 1;
  const leapDays = Math.floor(marchYear / 4) - Math.floor(marchYear / 100) + Math.floor(marchYear / 400);
  return marchYear * 365 + leapDays + dayOfYear - DAYS_FROM_MARCH_0_TO_1970;
}

const DAYS_FROM_MARCH_0_TO_1970 = 719_468;
