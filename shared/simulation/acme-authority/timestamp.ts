import { formatHttpDate } from '../../protocols/http/date.ts';

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** RFC 3339 §5.6, whole seconds of UTC: the form of every time in ACME's objects (RFC 8555 §7.1). */
export function formatTimestamp(ms: number): string {
  const [, day = '', month = '', year = '', time = ''] = formatHttpDate(ms).split(' ');
  return `${year}-${String(MONTHS.indexOf(month) + 1).padStart(2, '0')}-${day}T${time}Z`;
}
