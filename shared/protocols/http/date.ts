import { civilFromDays, daysFromCivil } from '../../base/civil-date.ts';

const DAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const DAY_MS = 86_400_000;
const MONTH = `(${MONTHS.join('|')})`;
const TIME = '(\\d{2}):(\\d{2}):(\\d{2})';
const IMF_FIXDATE = new RegExp(`^(?:${DAYS.join('|')}), (\\d{2}) ${MONTH} (\\d{4}) ${TIME} GMT$`);
const RFC850_DATE = new RegExp(
  `^(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day, (\\d{2})-${MONTH}-(\\d{2}) ${TIME} GMT$`,
);
const ASCTIME_DATE = new RegExp(`^(?:${DAYS.join('|')}) ${MONTH} ([ \\d]\\d) ${TIME} (\\d{4})$`);

/** IMF-fixdate, as RFC 9110 §5.6.7 makes senders write it; `ms` since 1970, years 0 to 9999. */
export function formatHttpDate(ms: number): string {
  const days = Math.floor(ms / DAY_MS);
  const { year, month, day } = civilFromDays(days);
  const seconds = Math.floor((ms - days * DAY_MS) / 1000);
  const time = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60].map(two).join(':');
  const name = DAYS[(((days + 4) % 7) + 7) % 7];
  return `${name}, ${two(day)} ${MONTHS[month]} ${String(year).padStart(4, '0')} ${time} GMT`;
}

/** Milliseconds since 1970 of an HTTP-date in any of its three forms, or undefined where `text` is none. */
export function parseHttpDate(text: string, nowMs: number): number | undefined {
  const fixdate = IMF_FIXDATE.exec(text);
  if (fixdate !== null) {
    const [, day, month, year, ...time] = fixdate;
    return millisecondsOf(Number(year), month, Number(day), time);
  }
  const rfc850 = RFC850_DATE.exec(text);
  if (rfc850 !== null) {
    const [, day, month, year, ...time] = rfc850;
    return millisecondsOf(fullYear(Number(year), nowMs), month, Number(day), time);
  }
  const asctime = ASCTIME_DATE.exec(text);
  if (asctime === null) return undefined;
  const [, month, day, hour, minute, second, year] = asctime;
  return millisecondsOf(Number(year), month, Number(day), [hour, minute, second]);
}

/** RFC 9110 §5.6.7: a two-digit year more than 50 years ahead means the most recent past year with those digits. */
function fullYear(twoDigits: number, nowMs: number): number {
  const nowYear = civilFromDays(Math.floor(nowMs / DAY_MS)).year;
  const year = nowYear - (nowYear % 100) + twoDigits;
  return year > nowYear + 50 ? year - 100 : year;
}

function millisecondsOf(
  year: number,
  monthName: string | undefined,
  day: number,
  time: readonly (string | undefined)[],
): number | undefined {
  const month = MONTHS.indexOf(monthName ?? '');
  const [hour = 0, minute = 0, second = 0] = time.map(Number);
  // A leap second (60) is in the grammar; it counts as the first second of the next minute.
  if (hour > 23 || minute > 59 || second > 60) return undefined;
  const days = daysFromCivil(year, month, day);
  const back = civilFromDays(days);
  if (back.month !== month || back.day !== day) return undefined;
  return days * DAY_MS + ((hour * 60 + minute) * 60 + second) * 1000;
}

function two(value: number): string {
  return String(value).padStart(2, '0');
}
