import type { Clock } from '../../../../shared/devices/clock.ts';
import type { Devices } from '../../../../shared/devices/devices.ts';
import type { Http } from '../../../../shared/devices/http.ts';
import type { KeyValue } from '../../../../shared/devices/key-value.ts';
import { formatHttpDate, parseHttpDate } from '../../../../shared/protocols/http/date.ts';

const DAY_MS = 86_400_000;

export const certificateBugs = {
  'fixed-30-days': 'renews 30 days before the end, whatever the lifetime, and asks no authority when',
  'order-not-stored': 'orders under way are forgotten at a restart',
  'failures-not-stored': 'failures and what was used of the rate limits are forgotten at a restart',
  'certificate-not-stored': 'certificates are forgotten at a restart, as where the volume is not kept',
} as const;

/** The devices as a component with the planted bugs would use them. */
export function plantBugs(devices: Devices, planted: ReadonlySet<string>, lifetimeMs: number): Devices {
  let { clock, http, keyValue } = devices;
  if (planted.has('fixed-30-days')) {
    // To a client that renews with a third of the lifetime left, a clock that is ahead by 30 days less that third is this very rule.
    const aheadMs = 30 * DAY_MS - lifetimeMs / 3;
    clock = aheadClock(clock, aheadMs);
    http = aheadHttp(http, aheadMs);
  }
  if (planted.has('order-not-stored')) keyValue = forgetful(keyValue, 'certificates/order-');
  if (planted.has('certificate-not-stored')) keyValue = forgetful(keyValue, 'certificates/issued-');
  if (planted.has('failures-not-stored'))
    keyValue = forgetful(forgetful(keyValue, 'certificates/renewal-'), 'certificates/ledger-');
  return { ...devices, clock, http, keyValue };
}

function aheadClock(clock: Clock, aheadMs: number): Clock {
  return { ...clock, now: () => clock.now() + aheadMs };
}

/** Authorities tell the time: theirs is ahead as well. And they tell nothing about renewal. */
function aheadHttp(http: Http, aheadMs: number): Http {
  return {
    async request(request) {
      const answer = await http.request(request);
      const dateMs = parseHttpDate(answer.headers['date'] ?? '', 0);
      const date = dateMs === undefined ? {} : { date: formatHttpDate(dateMs + aheadMs) };
      const isWindow = request.url.pathname.startsWith('/renewal-info/');
      return { ...answer, status: isWindow ? 404 : answer.status, headers: { ...answer.headers, ...date } };
    },
  };
}

/** A store that keeps nothing under some keys beyond the life of the process. */
function forgetful(keyValue: KeyValue, prefix: string): KeyValue {
  const memory = new Map<string, Uint8Array<ArrayBuffer>>();
  const isForgotten = (key: string): boolean => key.startsWith(prefix);
  return {
    ...keyValue,
    get: async key => (isForgotten(key) ? memory.get(key)?.slice() : keyValue.get(key)),
    put: async (key, value) =>
      isForgotten(key) ? void memory.set(key, Uint8Array.from(value)) : keyValue.put(key, value),
    delete: async key => (isForgotten(key) ? void memory.delete(key) : keyValue.delete(key)),
  };
}
