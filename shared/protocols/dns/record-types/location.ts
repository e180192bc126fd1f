import { viewOf } from '../../../base/bytes.ts';
import { err, ok, type Result } from '../../../base/result.ts';
import { MALFORMED, type Field } from './field.ts';
import type { TokenReader } from './tokens.ts';

const LOCATION_BYTES = 16;
/** RFC 1876 §2: the equator and the meridian are 2^31 thousandths of a second of arc. */
const ANGLE_ZERO = 2 ** 31;
const DEGREE = 3_600_000;
/** Altitude 0 is 100,000 m below the ellipsoid, in centimetres. */
const ALTITUDE_ZERO_CM = 10_000_000;
const ALTITUDE_MAX_CM = 0xffff_ffff - ALTITUDE_ZERO_CM;
/** 9e9 cm is the largest size that four bits and four bits say. */
const SIZE_MAX_CM = 9_000_000_000;
/** RFC 1876 §3: size and precisions that are not written, in centimetres. */
const DEFAULT_SIZES_CM = [100, 1_000_000, 1_000] as const;
const FORM =
  'such as 52 22 23.000 N 4 53 32.000 E -2.00m 1m 10000m 10m: latitude, longitude, altitude, then size and precisions';

/** All of LOC's data: RFC 1876. */
export function location(name: string): Field {
  return { name, form: FORM, end: locationEnd, parse: parseLocation, format: formatLocation };
}

function locationEnd(data: Uint8Array, offset: number): number {
  if (offset + LOCATION_BYTES > data.length) return MALFORMED;
  const view = viewOf(data);
  const [version, ...sizes] = data.subarray(offset, offset + 4);
  const isInRange = (at: number, degrees: number): boolean =>
    Math.abs(view.getUint32(offset + at) - ANGLE_ZERO) <= degrees * DEGREE;
  // RFC 1876 §2: the version is 0; base and power of ten of a size are 0 to 9.
  return version === 0 &&
    sizes.every(size => size >> 4 <= 9 && (size & 0xf) <= 9) &&
    isInRange(4, 90) &&
    isInRange(8, 180)
    ? offset + LOCATION_BYTES
    : MALFORMED;
}

function parseLocation(tokens: TokenReader): Result<Uint8Array, string> {
  const words = tokens.takeWords(FORM);
  if (!words.ok) return words;
  const rest = [...words.value];
  const latitude = takeAngle(rest, 'NS', 90);
  const longitude = takeAngle(rest, 'EW', 180);
  const altitude = centimetres(rest.shift() ?? '', -ALTITUDE_ZERO_CM, ALTITUDE_MAX_CM);
  const sizes = DEFAULT_SIZES_CM.map(size => {
    const word = rest.shift();
    return word === undefined ? size : centimetres(word, 0, SIZE_MAX_CM);
  });
  const numbers = [latitude, longitude, altitude, ...sizes];
  if (rest.length > 0 || numbers.includes(undefined))
    return err(`${JSON.stringify(words.value.join(' '))} is not ${FORM}`);
  const bytes = new Uint8Array(LOCATION_BYTES);
  const view = viewOf(bytes);
  sizes.forEach((size = 0, index) => view.setUint8(1 + index, encodeSize(size)));
  view.setUint32(4, ANGLE_ZERO + (latitude ?? 0));
  view.setUint32(8, ANGLE_ZERO + (longitude ?? 0));
  view.setUint32(12, ALTITUDE_ZERO_CM + (altitude ?? 0));
  return ok(bytes);
}

/** Takes degrees, minutes and seconds, of which the latter may be left out, up to one of the two directions. */
function takeAngle(words: string[], directions: string, degreesMax: number): number | undefined {
  const at = words.findIndex(word => word.length === 1 && directions.includes(word.toUpperCase()));
  if (at < 1 || at > 3) return undefined;
  const [degrees = '', minutes = '0', seconds = '0'] = words.slice(0, at);
  const sign = words[at]?.toUpperCase() === directions[0] ? 1 : -1;
  words.splice(0, at + 1);
  if (!/^[0-9]{1,3}$/.test(degrees) || !/^[0-5]?[0-9]$/.test(minutes)) return undefined;
  if (!/^[0-5]?[0-9](\.[0-9]{1,3})?$/.test(seconds)) return undefined;
  const angle = Number(degrees) * DEGREE + Number(minutes) * 60_000 + Math.round(Number(seconds) * 1000);
  return angle <= degreesMax * DEGREE ? sign * angle : undefined;
}

/** Metres with at most two decimals and an optional `m`, as centimetres. */
function centimetres(word: string, min: number, max: number): number | undefined {
  if (!/^-?[0-9]{1,8}(\.[0-9]{1,2})?m?$/i.test(word)) return undefined;
  const value = Math.round(Number.parseFloat(word) * 100);
  return value >= min && value <= max ? value : undefined;
}

/** RFC 1876 §2: one digit and a power of ten; what has more digits loses them. */
function encodeSize(size: number): number {
  const power = String(size).length - 1;
  return (Math.floor(size / 10 ** power) << 4) | power;
}

function formatLocation(bytes: Uint8Array): string {
  const view = viewOf(bytes);
  const sizes = [1, 2, 3].map(at => {
    const size = bytes[at] as number;
    return metres((size >> 4) * 10 ** (size & 0xf));
  });
  return [
    formatAngle(view.getUint32(4) - ANGLE_ZERO, 'N', 'S'),
    formatAngle(view.getUint32(8) - ANGLE_ZERO, 'E', 'W'),
    metres(view.getUint32(12) - ALTITUDE_ZERO_CM),
    ...sizes,
  ].join(' ');
}

function formatAngle(angle: number, positive: string, negative: string): string {
  const size = Math.abs(angle);
  const seconds = ((size % 60_000) / 1000).toFixed(3);
  return `${Math.floor(size / DEGREE)} ${Math.floor(size / 60_000) % 60} ${seconds} ${angle < 0 ? negative : positive}`;
}

function metres(centimetres: number): string {
  return `${(centimetres / 100).toFixed(2)}m`;
}
