import { describe, expect, it } from 'vitest';
import { concatBytes } from '../../../base/bytes.ts';
import type { DataPlane, PlaneShared } from '../../../devices/udp.ts';
import { compileDirectory } from '../compiled/compile-directory.ts';
import { compileZone } from '../compiled/compile-zone.ts';
import { writeCookieSecrets, type PlaneSettings } from '../compiled/plane-settings.ts';
import { decodeMessage, FLAG, RCODE, TYPE, type Message } from '../message.ts';
import { nameInWire } from '../name.ts';
import type { Zone } from '../rrset.ts';
import { createDnsPlane } from './plane.ts';
import { encodeAsked, name, optionsOf, send, show } from './testing/ask.ts';

const apex = name('example.com');
const soa = concatBytes([nameInWire(apex), nameInWire(apex), new Uint8Array(20)]);
const ZONE: Zone = {
  apex,
  rrsets: [
    { owner: apex, type: TYPE.A, ttlSeconds: 60, data: [Uint8Array.of(192, 0, 2, 34)] },
    { owner: apex, type: TYPE.SOA, ttlSeconds: 60, data: [soa] },
  ],
};

function compile(settings: PlaneSettings): PlaneShared {
  return compileDirectory([compileZone(ZONE)], settings);
}

interface Asking {
  readonly shared: PlaneShared;
  readonly plane: DataPlane;
  readonly cookie?: string;
  readonly source?: Uint8Array;
  readonly nowSeconds?: number;
  readonly asked?: string;
}

function ask({
  shared,
  plane,
  cookie,
  source,
  nowSeconds = 1_000,
  asked = 'example.com',
}: Asking): Message | undefined {
  const bytes = cookie === undefined ? undefined : Uint8Array.fromHex(cookie);
  const options = bytes === undefined ? new Uint8Array() : Uint8Array.of(0, 10, 0, bytes.length, ...bytes);
  const request = encodeAsked({ name: name(asked), type: TYPE.A, edns: { options } });
  const reply = send(shared, request, {
    plane,
    nowMs: nowSeconds * 1_000,
    ...(source === undefined ? {} : { source }),
  });
  if (!(reply instanceof Uint8Array)) return undefined;
  const message = decodeMessage(reply);
  if (!message.ok) throw new Error(message.error);
  return message.value;
}

function ipv4(...address: readonly number[]): Uint8Array {
  return Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, ...address, 0, 53);
}

describe('cookies, by the examples of RFC 9018 Appendix A', () => {
  const secret = Uint8Array.fromHex('e5e973e5a6b2a43f48e7dc849e37bfcf');
  const shared = compile({ cookieSecrets: { current: secret } });
  const asking = { shared, plane: createDnsPlane() };

  it('A.1: gives a new client a cookie', () => {
    const source = ipv4(198, 51, 100, 100);
    const message = ask({ ...asking, cookie: '2464c4abcf10c957', source, nowSeconds: 1_559_731_985 });
    expect(message && optionsOf(message)?.get(10)).toBe('2464c4abcf10c957010000005cf79f111f8130c3eee29480');
  });

  it('A.2: replaces a cookie that is older than half an hour', () => {
    const cookie = '2464c4abcf10c957010000005cf79f111f8130c3eee29480';
    const source = ipv4(198, 51, 100, 100);
    const message = ask({ ...asking, cookie, source, nowSeconds: 1_559_734_385 });
    expect(message && optionsOf(message)?.get(10)).toBe('2464c4abcf10c957010000005cf7a871d4a564a1442aca77');
  });

  it('A.3: takes a cookie whose reserved bytes are not zero', () => {
    const cookie = 'fc93fc62807ddb8601abcdef5cf78f71a314227b6679ebf5';
    const source = ipv4(203, 0, 113, 203);
    const message = ask({ ...asking, cookie, source, nowSeconds: 1_559_734_700 });
    expect(message && optionsOf(message)?.get(10)).toBe('fc93fc62807ddb86010000005cf7a9acf73a7810aca2381e');
  });

  it('A.4: takes a cookie of the secret before, over IPv6, and answers by one of the new secret', () => {
    const source = Uint8Array.fromHex('20010db80220000159ded0f4876982b80035');
    const previous = Uint8Array.fromHex('dd3bdf9344b678b185a6f5cb60fca715');
    const current = Uint8Array.fromHex('445536bcd2513298075a5d379663c962');
    const rolled = compile({
      cookieSecrets: { current: previous },
      rateLimit: { responsesPerSecond: 1, slip: 0 },
    });
    writeCookieSecrets(rolled, { current, previous });
    const cookie = '22681ab97d52c298010000005cf7c57926556bd0934c72f8';
    const again = { ...asking, shared: rolled, cookie, source, nowSeconds: 1_559_741_961 };
    for (let times = 0; times < 3; times++) {
      const message = ask(again);
      // A valid cookie frees from the rate limit; else only the first would be answered.
      expect(message && optionsOf(message)?.get(10)).toBe('22681ab97d52c298010000005cf7c609a6bb79d16625507a');
    }
  });
});

describe('a cookie', () => {
  const current = new Uint8Array(16).fill(3);
  const shared = compile({ cookieSecrets: { current } });
  const plane = createDnsPlane();
  const client = '0102030405060708';
  const first = ask({ shared, plane, cookie: client });
  const cookie = (first && optionsOf(first)?.get(10)) ?? '';
  const limited = compile({ cookieSecrets: { current }, rateLimit: { responsesPerSecond: 1, slip: 0 } });

  /** How many of three questions in one second are answered: all with a valid cookie, else the first. */
  function answered(changes: Partial<Asking>): number {
    const asking = { shared: limited, plane: createDnsPlane(), cookie, ...changes };
    return [1, 2, 3].filter(() => ask(asking) !== undefined).length;
  }

  it('comes back as it is while it is fresh', () => {
    const again = ask({ shared, plane, cookie, nowSeconds: 1_600 });
    expect(again && optionsOf(again)?.get(10)).toBe(cookie);
  });

  it('frees from the rate limit only who it was given to, for an hour', () => {
    expect(answered({})).toBe(3);
    expect(answered({ nowSeconds: 1_000 + 3_600 })).toBe(3);
    expect(answered({ nowSeconds: 1_000 + 3_601 })).toBe(1);
    expect(answered({ nowSeconds: 1_000 - 301 })).toBe(1);
    expect(answered({ source: ipv4(192, 0, 2, 99) })).toBe(1);
    expect(answered({ cookie: `${cookie.slice(0, -1)}${cookie.endsWith('0') ? '1' : '0'}` })).toBe(1);
    expect(answered({ cookie: client })).toBe(1);
  });

  it('is asked for without a question (RFC 7873 §5.4)', () => {
    const request = Uint8Array.fromHex(`12340000000000000000000100002904d000000000000c000a0008${client}`);
    const reply = send(shared, request, { plane }) as Uint8Array;
    const message = decodeMessage(reply);
    if (!message.ok) throw new Error(message.error);
    expect([message.value.rcode, message.value.questions, optionsOf(message.value)?.get(10)?.length]).toEqual(
      [RCODE.NOERROR, [], 48],
    );
  });

  it('is not answered where there is no secret', () => {
    const message = ask({ shared: compile({}), plane, cookie: client });
    expect(message && optionsOf(message)).toEqual(new Map());
  });
});

describe('the rate limit', () => {
  const settings = {
    cookieSecrets: { current: new Uint8Array(16) },
    rateLimit: { responsesPerSecond: 5, slip: 2 },
  };
  const shared = compile(settings);

  /** What becomes of `count` questions: whole answers, short ones, none. */
  function count(asking: Asking, times: number): { whole: number; short: number; none: number } {
    const counts = { whole: 0, short: 0, none: 0 };
    for (let index = 0; index < times; index++) {
      const message = ask(asking);
      if (message === undefined) counts.none++;
      else if ((message.flags & FLAG.TC) !== 0 || message.rcode === RCODE.BADCOOKIE) counts.short++;
      else counts.whole++;
    }
    return counts;
  }

  it('lets a network have its rate, then every other response as a truncated one', () => {
    const plane = createDnsPlane();
    expect(count({ shared, plane, source: ipv4(192, 0, 2, 1) }, 25)).toEqual({
      whole: 5,
      short: 10,
      none: 10,
    });
    // The same /24 has the same account, another has its own.
    expect(count({ shared, plane, source: ipv4(192, 0, 2, 200) }, 1).whole).toBe(0);
    expect(count({ shared, plane, source: ipv4(192, 0, 3, 1) }, 5).whole).toBe(5);
    // In time it is emptied.
    expect(count({ shared, plane, source: ipv4(192, 0, 2, 1), nowSeconds: 1_001 }, 25).whole).toBe(5);
  });

  it('takes names that are not there for one kind of answer', () => {
    const plane = createDnsPlane();
    const names = Array.from({ length: 25 }, (_, index) => ({
      shared,
      plane,
      asked: `n${index}.example.com`,
    }));
    const answered = names.map(asking => ask(asking)).filter(message => message?.rcode === RCODE.NXDOMAIN);
    expect(answered.filter(message => message && !show(message).truncated).length).toBe(5);
    // Other kinds are not used up by it.
    expect(count({ shared, plane }, 5).whole).toBe(5);
  });

  it('asks who sends cookies for a cookie (RFC 7873 §5.2.3)', () => {
    const plane = createDnsPlane();
    const asking = { shared, plane, cookie: '0102030405060708' };
    count(asking, 5);
    const messages = [ask(asking), ask(asking)].filter(message => message !== undefined);
    expect(
      messages.map(message => [message.rcode, show(message).truncated, optionsOf(message)?.get(10)?.length]),
    ).toEqual([[RCODE.BADCOOKIE, false, 48]]);
  });
});
