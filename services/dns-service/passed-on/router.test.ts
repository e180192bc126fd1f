import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { concatBytes, encodeUtf8, viewOf } from '../../../shared/base/bytes.ts';
import { name } from '../../../shared/protocols/dns/answer/testing/ask.ts';
import {
  encodeMessage,
  headerFlags,
  type RecordToEncode,
} from '../../../shared/protocols/dns/encode-message.ts';
import {
  CLASS_IN,
  decodeMessage,
  FLAG,
  OPCODE,
  RCODE,
  TYPE,
  type Message,
} from '../../../shared/protocols/dns/message.ts';
import { readZone } from '../../../shared/protocols/dns/zone-file/read-zone.ts';
import type { Zone } from '../../../shared/protocols/dns/rrset.ts';
import { soaOf } from '../../../shared/protocols/dns/rrset-list.ts';
import { TransferReader } from '../../../shared/protocols/dns/transfer/transfer-reader.ts';
import { encodeTransferRequest } from '../../../shared/protocols/dns/transfer/transfer-request.ts';
import type { TsigKey } from '../../../shared/protocols/dns/tsig-mac.ts';
import { TsigStreamVerifier } from '../../../shared/protocols/dns/tsig-stream.ts';
import { signMessage, verifyResponse } from '../../../shared/protocols/dns/tsig.ts';
import { addRecord, encodeUpdate } from '../../../shared/protocols/dns/update.ts';
import { World } from '../../../shared/simulation/world.ts';
import { dnsServiceConfiguration } from '../config.ts';
import { createEvents } from '../events.ts';
import type { Edited, KeptZone } from '../zones/kept-zone.ts';
import type { Peer } from './handle.ts';
import { KeyRing } from './key-ring.ts';
import { createRouter } from './router.ts';
import { addressBytes } from './stream-server.ts';
import { Transfers } from './transfers.ts';
import { Updates } from './updates.ts';
import { ZoneList } from './zone-list.ts';

const APEX = name('example');
const key: TsigKey = { name: name('peer'), algorithm: 'hmac-sha256', secret: encodeUtf8('of both') };
const stranger: TsigKey = { ...key, name: name('stranger') };
const TEXT = '$TTL 60\n@ SOA ns hostmaster 7 1d 2h 4w 5m\n@ NS ns\nns A 192.0.2.1\n';

const { zones: configurations } = dnsServiceConfiguration.parse({
  keys: [
    { name: 'peer', secret: 'peer' },
    { name: 'stranger', secret: 'stranger' },
  ],
  zones: [
    {
      name: 'example',
      'transfer-to': [
        { key: 'peer', address: '192.0.2.0/24' },
        { address: '2001:db8::1' },
        { address: '2001:db8::2', 'over-tls': true },
      ],
      update: [{ key: 'peer', names: ['_acme-challenge.*'], types: ['TXT'] }],
    },
  ],
});

/** One zone in memory, and what a peer at `host` hears. */
function setUp({
  host = '192.0.2.9',
  transport = 'tcp' as Peer['transport'],
  tlsVersion = undefined as string | undefined,
  full = false,
} = {}) {
  const { devices } = new World('router').host('server');
  const read = readZone({ file: 'zone', read: () => TEXT, origin: APEX });
  if (!read.ok) throw new Error('the zone is good');
  let content: Zone = read.value.zone;
  const zone: KeptZone = {
    configuration: configurations[0]!,
    apex: APEX,
    get content() {
      return content;
    },
    get served() {
      return content;
    },
    serial: 7,
    isAnswered: true,
    answer: async () => undefined,
    differencesSince: () => undefined,
    async change<R>(edit: (before: Zone) => Edited<R>): Promise<R> {
      if (full) throw new Error('the disk is full');
      const { next, result } = edit(content);
      content = next ?? content;
      return result;
    },
    take: async () => undefined,
    onServed: () => undefined,
  };
  const list = new ZoneList([zone]);
  const handle = createRouter({
    keys: new KeyRing([key, stranger]),
    handlers: [new Transfers(list), new Updates(list, createEvents(devices))],
    clock: devices.clock,
  });
  const nowMs = devices.clock.now();
  const say = async (message: Uint8Array): Promise<Uint8Array[]> => [
    ...(await handle(message, {
      source: addressBytes({ host, port: 0 }),
      transport,
      ...(tlsVersion !== undefined && { tlsVersion }),
    })),
  ];
  const ask = async (message: Uint8Array): Promise<Message> => {
    const [reply] = await say(message);
    const decoded = decodeMessage(reply ?? new Uint8Array());
    if (!decoded.ok) throw new Error(decoded.error);
    return decoded.value;
  };
  return { say, ask, nowMs, zone };
}

function request(opcode: number, type: number, apex = APEX): Uint8Array<ArrayBuffer> {
  const opt: RecordToEncode = {
    name: [],
    type: TYPE.OPT,
    class: 4_096,
    ttlSeconds: 0,
    data: new Uint8Array(),
  };
  const questions = [{ name: apex, type, class: CLASS_IN }];
  return encodeMessage({ id: 77, flags: headerFlags(opcode, FLAG.RD), questions, additionals: [opt] });
}

function update(owner: string, data = Uint8Array.of(1, 0x78)): Uint8Array {
  const record = addRecord({ name: [...name(owner), ...APEX], type: TYPE.TXT, data }, 60);
  return encodeUpdate({ id: 77, zone: APEX, updates: [record] });
}

describe('what planes pass on', () => {
  it.each([
    ['a transfer of another zone', request(OPCODE.QUERY, TYPE.AXFR, name('other')), RCODE.NOTAUTH],
    ['an update of another zone', request(OPCODE.UPDATE, TYPE.SOA, name('other')), RCODE.NOTAUTH],
    ['a transfer without a key', request(OPCODE.QUERY, TYPE.AXFR), RCODE.REFUSED],
    ['an update without a key', request(OPCODE.UPDATE, TYPE.SOA), RCODE.REFUSED],
    ['an update that names no zone', request(OPCODE.UPDATE, TYPE.A), RCODE.FORMERR],
    ['a notification, where nobody takes it', request(OPCODE.NOTIFY, TYPE.SOA), RCODE.REFUSED],
  ])('%s is answered by its rcode, with opcode, question and an OPT record', async (_what, bytes, rcode) => {
    const asked = decodeMessage(bytes);
    const { ask } = setUp();
    const answer = await ask(bytes);
    expect(answer.flags).toBe(FLAG.QR | (asked.ok ? asked.value.flags : 0) | rcode);
    expect(answer).toMatchObject({ id: 77, rcode, questions: asked.ok ? asked.value.questions : [] });
  });

  it('is not answered where it is an answer, or no message', async () => {
    const { say } = setUp();
    expect(await say(request(OPCODE.NOTIFY, TYPE.SOA).with(2, 0xa0))).toEqual([]);
    expect(await say(new Uint8Array(5))).toEqual([]);
  });

  it('is signed where it was signed', async () => {
    const { say, nowMs } = setUp();
    const signed = signMessage(request(OPCODE.NOTIFY, TYPE.SOA), key, nowMs);
    const [reply] = await say(signed.bytes);
    expect(verifyResponse(reply!, key, nowMs, signed.mac).ok).toBe(true);
  });

  it.each([
    ['tls', undefined],
    ['tls', key],
    ['https', key],
    ['tcp', undefined],
  ] as const)('is padded over %s for who pads, its signature with it: %j', async (transport, by) => {
    const { say, nowMs } = setUp({ transport });
    // RFC 7830 §3: the option, of 4 bytes.
    const asked = concatBytes([request(OPCODE.NOTIFY, TYPE.SOA), Uint8Array.of(0, 12, 0, 4, 0, 0, 0, 0)]);
    viewOf(asked).setUint16(asked.length - 10, 8);
    const signed = by && signMessage(asked, by, nowMs);
    const [reply] = await say(signed?.bytes ?? asked);
    expect(reply!.length % 468 === 0).toBe(transport !== 'tcp');
    expect(decodeMessage(reply!)).toMatchObject({ ok: true, value: { rcode: RCODE.REFUSED } });
    if (signed !== undefined) expect(verifyResponse(reply!, key, nowMs, signed.mac).ok).toBe(true);
  });

  it('hears what is wrong with its signature', async () => {
    const { say, nowMs } = setUp();
    const unknown = { ...key, name: name('nobody') };
    const signed = signMessage(request(OPCODE.QUERY, TYPE.SOA), unknown, nowMs);
    const [reply] = await say(signed.bytes);
    expect(verifyResponse(reply!, unknown, nowMs, signed.mac)).toEqual({
      ok: false,
      error: { error: 'BADKEY', fromPeer: true },
    });
  });

  it('does not end us, whatever its bytes', async () => {
    const { say } = setUp();
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 80 }), async bytes => void (await say(bytes))),
    );
  });
});

describe('a transfer', () => {
  const wanted = encodeTransferRequest(1, APEX);

  it('goes to who has the key and the address', async () => {
    const { say, nowMs, zone } = setUp();
    const signed = signMessage(wanted, key, nowMs);
    const verifier = new TsigStreamVerifier(key, signed.mac);
    const reader = new TransferReader({ id: 1, apex: APEX, bytesMax: 65_535 });
    const [reply] = await say(signed.bytes);
    const message = verifier.take(reply!, nowMs);
    expect(message.ok && reader.take(message.value)).toEqual({
      ok: true,
      value: { kind: 'whole', zone: zone.content },
    });
  });

  it.each([
    ['the key at another address', { host: '198.51.100.1' }, key],
    ['the address without the key', {}, undefined],
    ['the address with another key', {}, stranger],
  ])('is refused to who has %s', async (_what, place, by) => {
    const { ask, nowMs } = setUp(place);
    const bytes = by === undefined ? wanted : signMessage(wanted, by, nowMs).bytes;
    expect((await ask(bytes)).rcode).toBe(RCODE.REFUSED);
  });

  it('goes to an address alone where the configuration says so', async () => {
    expect((await setUp({ host: '2001:db8::1' }).ask(wanted)).rcode).toBe(RCODE.NOERROR);
  });

  it.each([
    ['https', undefined, RCODE.REFUSED],
    ['tls', 'TLSv1.2', RCODE.REFUSED],
    ['tls', 'TLSv1.3', RCODE.NOERROR],
  ] as const)('by %s, %s: rcode %i', async (transport, tlsVersion, rcode) => {
    const { ask } = setUp({ host: '2001:db8::1', transport, tlsVersion });
    expect((await ask(wanted)).rcode).toBe(rcode);
  });

  it('goes over TLS alone where the configuration says so', async () => {
    const rcodeBy = async (transport: Peer['transport']): Promise<number> =>
      (await setUp({ host: '2001:db8::2', transport }).ask(wanted)).rcode;
    expect([await rcodeBy('tcp'), await rcodeBy('tls')]).toEqual([RCODE.REFUSED, RCODE.NOERROR]);
  });

  it('is not made by UDP, but IXFR hears the serial there (RFC 1995 §4)', async () => {
    const { ask, zone } = setUp({ host: '2001:db8::1', transport: 'udp' });
    expect((await ask(wanted)).rcode).toBe(RCODE.FORMERR);
    expect((await ask(encodeTransferRequest(1, APEX, soaOf(zone.content)))).answers).toMatchObject([
      { type: TYPE.SOA },
    ]);
  });
});

describe('an update', () => {
  it('changes what the key may change, and nothing else', async () => {
    const { ask, nowMs, zone } = setUp();
    const rcodeOf = async (bytes: Uint8Array, by = key): Promise<number> =>
      (await ask(signMessage(bytes, by, nowMs).bytes)).rcode;
    expect(await rcodeOf(update('www'))).toBe(RCODE.REFUSED);
    expect(await rcodeOf(update('_acme-challenge.www'), stranger)).toBe(RCODE.REFUSED);
    expect(zone.content.rrsets.length).toBe(3);
    expect(await rcodeOf(update('_acme-challenge.www'))).toBe(RCODE.NOERROR);
    expect([...zone.content.rrsets].map(({ type }) => type)).toContain(TYPE.TXT);
  });

  it('is SERVFAIL where it cannot be kept', async () => {
    const { ask, nowMs } = setUp({ full: true });
    const { rcode } = await ask(signMessage(update('_acme-challenge'), key, nowMs).bytes);
    expect(rcode).toBe(RCODE.SERVFAIL);
  });
});
