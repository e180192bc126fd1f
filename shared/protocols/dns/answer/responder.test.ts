import { describe, expect, it } from 'vitest';
import { concatBytes, viewOf } from '../../../base/bytes.ts';
import { compileDirectory } from '../compiled/compile-directory.ts';
import { compileUnanswered, compileZone } from '../compiled/compile-zone.ts';
import { CLASS_ANY, decodeMessage, FLAG, formatRcode, RCODE, TYPE, type Message } from '../message.ts';
import type { SignedZone } from '../dnssec/signed-zone.ts';
import { nameInWire } from '../name.ts';
import { compareCanonical, type RRset, type Zone } from '../rrset.ts';
import { ask, askByStream, encodeAsked, name, optionsOf, send, show } from './testing/ask.ts';

const SOA_DATA = concatBytes([
  nameInWire(name('ns.example')),
  nameInWire(name('hostmaster.example')),
  Uint8Array.of(0, 0, 0, 1, 0, 0, 14, 16, 0, 0, 3, 132, 0, 9, 58, 128, 0, 0, 1, 44),
]);

function rrset(owner: string, type: number, ...data: readonly Uint8Array[]): RRset {
  return { owner: name(owner), type, ttlSeconds: 3_600, data };
}

function zone(apex: string, ...rrsets: readonly RRset[]): Zone {
  const own = [rrset(apex, TYPE.SOA, SOA_DATA), rrset(apex, TYPE.NS, nameInWire(name('ns.example')))];
  const all = [...own, ...rrsets];
  return {
    apex: name(apex),
    rrsets: all.sort((left, right) => compareCanonical(left.owner, right.owner) || left.type - right.type),
  };
}

/** Data of an RRSIG of that RRset, but for what makes it verify. */
function signatureOf({ type }: RRset): Uint8Array {
  return concatBytes([Uint8Array.of(type >> 8, type), new Uint8Array(16), nameInWire(name('round'))]);
}

const ADDRESS = Uint8Array.of(192, 0, 2, 1);
const long = Array.from({ length: 20 }, (_, index) => Uint8Array.of(40, ...new Uint8Array(40).fill(index)));
const servers = Array.from(
  { length: 6 },
  (_, index) => `ns${index}.a-rather-long-name-of-a-server.sub.example`,
);
const shared = compileDirectory(
  [
    zone(
      'example',
      rrset('www.example', TYPE.A, ADDRESS),
      rrset('www.example', TYPE.TXT, Uint8Array.of(1, 0x61)),
      rrset('long.example', TYPE.TXT, ...long),
      rrset('sub.example', TYPE.NS, ...servers.map(server => nameInWire(name(server)))),
      ...servers.flatMap(server => [
        rrset(server, TYPE.A, ADDRESS),
        rrset(server, TYPE.AAAA, new Uint8Array(16)),
      ]),
      rrset('below.example', TYPE.NS, nameInWire(name('ns.below.example'))),
      rrset('below.example', TYPE.DS, Uint8Array.of(0, 1, 13, 2, ...new Uint8Array(32))),
      rrset('service.example', TYPE.HTTPS, Uint8Array.of(0, 1, 0)),
      rrset('service.example', TYPE.A, ADDRESS),
    ),
    zone('below.example', rrset('www.below.example', TYPE.A, Uint8Array.of(192, 0, 2, 2))),
    zone('alone.test'),
  ].map(zone => compileZone(zone)),
  { nsid: Uint8Array.of(0x6e, 0x31) },
);

function flagsOf(message: Message): number {
  return message.flags & ~0x780f;
}

describe('a query', () => {
  // RFC 2181 §5, RFC 6672 §3.2.
  it('for the signatures of a DNAME that aliases come back to has them once', () => {
    const round = zone('round', rrset('b.round', TYPE.DNAME, nameInWire(name('round'))));
    const rrsets = [...round.rrsets].map(each => ({ ...each, signatures: [signatureOf(each)] }));
    const signed: SignedZone = { apex: round.apex, rrsets, denial: { kind: 'nsec' }, signedBy: [] };
    const asked = { name: name('b.b.round'), type: TYPE.RRSIG };
    const types = (dnssecOk: boolean): number[] =>
      askByStream(compileDirectory([compileZone(signed)]), { ...asked, edns: { dnssecOk } }).answers.map(
        ({ type }) => type,
      );
    expect(types(true)).toEqual([TYPE.DNAME, TYPE.RRSIG, TYPE.CNAME]);
    expect(types(false)).toEqual([TYPE.DNAME, TYPE.CNAME, TYPE.RRSIG]);
  });

  it('for a DNAME that aliases come back to has it once', () => {
    const round = zone('round', rrset('b.round', TYPE.DNAME, nameInWire(name('round'))));
    const asked = { name: name('b.b.round'), type: TYPE.DNAME };
    const { answers } = ask(compileDirectory([compileZone(round)]), asked);
    expect(answers.map(({ type }) => type)).toEqual([TYPE.DNAME, TYPE.CNAME]);
  });

  it('has its question, its id and RD in the answer, in the letters it came in', () => {
    const asked = {
      name: name('WwW.eXample'),
      type: TYPE.A,
      flags: FLAG.RD | FLAG.CD | FLAG.AD | FLAG.RA | 0x40,
    };
    const message = ask(shared, asked);
    expect(message.id).toBe(0x1234);
    expect(flagsOf(message)).toBe(FLAG.QR | FLAG.AA | FLAG.RD);
    expect(message.questions).toEqual([{ name: asked.name, type: TYPE.A, class: 1 }]);
    expect(message.answers.map(record => record.name)).toEqual([asked.name]);
    expect(optionsOf(message)).toBeUndefined();
  });

  it('is answered from the nearest zone, and of DS from the one above', () => {
    expect(show(ask(shared, { name: name('www.below.example'), type: TYPE.A })).answers).toEqual([
      'www.below.example 3600 1 c0000202',
    ]);
    const signer = show(ask(shared, { name: name('below.example'), type: TYPE.DS }));
    expect([signer.authoritative, signer.answers.length]).toEqual([true, 1]);
    // RFC 4035 §3.1.4.1: without the parent, the zone says that it has none.
    const none = show(ask(shared, { name: name('alone.test'), type: TYPE.DS }));
    expect([none.rcode, none.answers.length, none.authorities.length]).toEqual([RCODE.NOERROR, 0, 1]);
  });

  it('is refused outside of the zones and in other classes, with an error that says why', () => {
    const outside = ask(shared, { name: name('other.test'), type: TYPE.A, edns: {} });
    expect([outside.rcode, flagsOf(outside), optionsOf(outside)]).toEqual([
      RCODE.REFUSED,
      FLAG.QR,
      new Map([[15, '0014']]),
    ]);
    expect(ask(shared, { name: name('www.example'), type: TYPE.A, class: CLASS_ANY }).rcode).toBe(
      RCODE.REFUSED,
    );
  });

  it('of type ANY gets one RRset (RFC 8482)', () => {
    expect(show(ask(shared, { name: name('www.example'), type: TYPE.ANY })).answers).toHaveLength(1);
  });

  it('for a service that is its own target gets the addresses along (RFC 9460 §4.1)', () => {
    const message = ask(shared, { name: name('SERVICE.example'), type: TYPE.HTTPS });
    expect(show(message).additionals).toEqual(['service.example 3600 1 c0000201']);
  });

  it.each([TYPE.OPT, TYPE.TSIG, 252 + 1, 65_280])(
    'of type %i is answered as of any type (RFC 8906)',
    type => {
      const message = show(ask(shared, { name: name('www.example'), type }));
      expect([message.rcode, message.answers, message.authorities.length]).toEqual([RCODE.NOERROR, [], 1]);
    },
  );
});

describe('a long answer', () => {
  const asked = { name: name('long.example'), type: TYPE.TXT };

  it('is truncated to what the client takes, and no further than 1,232 bytes', () => {
    for (const edns of [undefined, { payloadBytes: 100 }, { payloadBytes: 600 }]) {
      const message = ask(shared, edns === undefined ? asked : { ...asked, edns });
      expect([show(message).truncated, message.answers.length]).toEqual([true, 0]);
      expect(message.bytes.length).toBeLessThanOrEqual(512);
    }
    const whole = ask(shared, { ...asked, edns: { payloadBytes: 4_096 } });
    expect([show(whole).truncated, whole.answers.length]).toEqual([false, 20]);
    expect(whole.bytes.length).toBeLessThanOrEqual(1_232);
  });

  it('comes whole by TCP', () => {
    const message = askByStream(shared, asked);
    expect([show(message).truncated, message.answers.length]).toEqual([false, 20]);
  });

  it('of a delegation is truncated where glue is missing (RFC 9471 §3.1)', () => {
    const below = { name: name('www.sub.example'), type: TYPE.A };
    const message = ask(shared, below);
    expect([show(message).truncated, message.authorities.length]).toEqual([true, 6]);
    const whole = askByStream(shared, below);
    expect([show(whole).truncated, whole.additionals.length]).toEqual([false, 12]);
  });
});

it('a zone that cannot be answered from is SERVFAIL, with all below it, and the one around it is not asked', () => {
  const above = compileZone(zone('example', rrset('*.example', TYPE.A, ADDRESS)));
  const both = compileDirectory([above, compileUnanswered(name('away.example'))]);
  const rcodes = ['www.away.example', 'away.example', 'other.example'].map(owner => {
    const { rcode, answers, additionals } = ask(both, { name: name(owner), type: TYPE.A, edns: {} });
    return [formatRcode(rcode), answers.length, additionals.length];
  });
  expect(rcodes).toEqual([
    ['SERVFAIL', 0, 1],
    ['SERVFAIL', 0, 1],
    ['NOERROR', 1, 1],
  ]);
});

describe('EDNS', () => {
  const asked = { name: name('www.example'), type: TYPE.A };

  it('gives back DO and the version, and no other flag (RFC 8906 §3.2)', () => {
    const message = ask(shared, { ...asked, edns: { dnssecOk: true, otherFlags: 0x40 } });
    const opt = message.additionals.find(({ type }) => type === TYPE.OPT);
    expect([opt?.ttlSeconds, opt?.class]).toEqual([0x8000, 1_232]);
  });

  it('answers a later version by BADVERS with ours (RFC 6891 §6.1.3)', () => {
    const message = ask(shared, { ...asked, edns: { version: 1, options: Uint8Array.of(0xff, 0xfe, 0, 0) } });
    expect([message.rcode, message.answers.length, message.questions.length]).toEqual([RCODE.BADVERS, 0, 1]);
    expect(message.additionals[0]?.ttlSeconds).toBe(0x0100_0000);
  });

  it('passes over unknown options, and tells the NSID (RFC 5001)', () => {
    const options = Uint8Array.of(0xff, 0xfe, 0, 1, 7, 0, 3, 0, 0);
    const message = ask(shared, { ...asked, edns: { options } });
    expect([message.rcode, optionsOf(message)]).toEqual([RCODE.NOERROR, new Map([[3, '6e31']])]);
  });

  it.each([
    ['an option that runs past the record', Uint8Array.of(0, 3, 0, 1)],
    ['half an option', Uint8Array.of(0, 3)],
    ['a cookie of 9 bytes', Uint8Array.of(0, 10, 0, 9, 1, 2, 3, 4, 5, 6, 7, 8, 9)],
  ])('answers %s by FORMERR', (_, options) => {
    const message = ask(shared, { ...asked, edns: { options } });
    expect([message.rcode, message.questions.length, optionsOf(message)]).toEqual([
      RCODE.FORMERR,
      1,
      new Map(),
    ]);
  });

  it('answers two OPT records, and one that is not at the root, by FORMERR (RFC 6891 §6.1.1)', () => {
    const one = encodeAsked({ ...asked, edns: {} });
    const opt = one.slice(-11);
    const two = concatBytes([one, opt]);
    viewOf(two).setUint16(10, 2);
    expect(rcodeOf(two)).toBe(RCODE.FORMERR);
    const named = concatBytes([one.slice(0, -11), Uint8Array.of(1, 0x61), opt]);
    expect(rcodeOf(named)).toBe(RCODE.FORMERR);
  });
});

function rcodeOf(request: Uint8Array): number | undefined {
  const reply = send(shared, request);
  const message = reply instanceof Uint8Array ? decodeMessage(reply) : undefined;
  return message?.ok === true ? message.value.rcode : undefined;
}

describe('a request that is no common query', () => {
  const query = encodeAsked({ name: name('www.example'), type: TYPE.A });
  const changed = (...changes: readonly (readonly [number, number])[]): Uint8Array => {
    const copy = query.slice();
    for (const [offset, value] of changes) viewOf(copy).setUint16(offset, value);
    return copy;
  };

  it.each([1, 2, 3, 6, 15])('with opcode %i gets NOTIMP and a header alone (RFC 8906 §3.1.4)', opcode => {
    const reply = send(shared, changed([2, opcode << 11])) as Uint8Array;
    expect([reply.length, viewOf(reply).getUint16(2)]).toEqual([12, FLAG.QR | (opcode << 11) | RCODE.NOTIMP]);
  });

  it.each([
    ['a NOTIFY', changed([2, 4 << 11])],
    ['an UPDATE', changed([2, 5 << 11])],
    ['a transfer', encodeAsked({ name: name('example'), type: TYPE.AXFR })],
    ['an incremental one', encodeAsked({ name: name('example'), type: TYPE.IXFR })],
    ['a signed one', signed()],
  ])('%s is passed on', (_, request) => {
    expect(send(shared, request)).toBe('pass-on');
  });

  function signed(): Uint8Array {
    const tsig = Uint8Array.of(1, 0x6b, 0, 0, TYPE.TSIG, 0, CLASS_ANY, 0, 0, 0, 0, 0, 0);
    const request = concatBytes([query, tsig]);
    viewOf(request).setUint16(10, 1);
    return request;
  }

  it('is dropped where it is an answer, or no header', () => {
    expect([send(shared, changed([2, FLAG.QR])), send(shared, query.slice(0, 11))]).toEqual([
      undefined,
      undefined,
    ]);
  });

  it.each([
    ['no question', changed([4, 0]).slice(0, 12)],
    ['two questions', changed([4, 2])],
    ['a question that is cut off', query.slice(0, -1)],
    ['a pointer in the question', changed([12, 0xc000])],
    ['an answer', changed([6, 1])],
    ['bytes behind its end', concatBytes([query, Uint8Array.of(0)])],
  ])('gets FORMERR for %s', (_, request) => {
    const reply = send(shared, request) as Uint8Array;
    expect([reply.length, viewOf(reply).getUint16(2) & 0xf]).toEqual([12, RCODE.FORMERR]);
  });
});
