import { civilFromDays, daysFromCivil } from '../../../base/civil-date.ts';
import { viewOf } from '../../../base/bytes.ts';
import { fixedEnd, wordField, type Field } from './field.ts';

const DAY_SECONDS = 86_400;
const SECONDS_MAX = 0xffff_ffff;

/**
 * RFC 4034 §3.2: a time as YYYYMMDDHHmmSS in UTC, or as seconds since 1970 of at most ten digits. §3.1.5: the 32 bits are in serial
 * number arithmetic, so that a date stands for those 2^32 s away as well: BIND writes the one nearest to now.
 */
export function time(name: string): Field {
  return wordField(name, {
    form: 'a time as YYYYMMDDHHmmSS, or as seconds since 1970 up to 4294967295',
    end: fixedEnd(4),
    read(word) {
      const isNumber = /^[0-9]{1,10}$/.test(word);
      const seconds = isNumber ? Number(word) : parseTime(word);
      if (seconds === undefined || (isNumber && seconds > SECONDS_MAX)) return undefined;
      const bytes = new Uint8Array(4);
      viewOf(bytes).setUint32(0, seconds);
      return bytes;
    },
    show: bytes => formatTime(viewOf(bytes).getUint32(0)),
  });
}

function parseTime(text: string): number | undefined {
  const match = /^(\d{4})(\d{2})(\d{2})(\d{2})(\d{2})(\d{2})$/.exec(text);
  if (match === null) return undefined;
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = match.slice(1).map(Number);
  const seconds = daysFromCivil(year, month - 1, day) * DAY_SECONDS + (hour * 60 + minute) * 60 + second;
  // A day or hour that there is not comes back as another one.
  return formatTime(seconds) === text ? seconds : undefined;
}

function formatTime(seconds: number): string {
  const days = Math.floor(seconds / DAY_SECONDS);
  const { year, month, day } = civilFromDays(days);
  const inDay = seconds - days * DAY_SECONDS;
  const clock = [Math.floor(inDay / 3600), Math.floor(inDay / 60) % 60, inDay % 60];
  return [String(year).padStart(4, '0'), ...[month + 1, day, ...clock].map(two)].join('');
}

function two(value: number): string {
  return String(value).padStart(2, '0');
}
