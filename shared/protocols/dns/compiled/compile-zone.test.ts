import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { concatBytes } from '../../../base/bytes.ts';
import type { PlaneShared } from '../../../devices/udp.ts';
import { ask, askByStream, encodeAsked, name, send, show } from '../answer/testing/ask.ts';
import { signZone } from '../dnssec/sign-zone.ts';
import type { SigningKey } from '../dnssec/signing-key.ts';
import { RCODE, TYPE } from '../message.ts';
import { nameInWire } from '../name.ts';
import { compareCanonical, type RRset, type Zone } from '../rrset.ts';
import { compileDirectory } from './compile-directory.ts';
import { compileZone } from './compile-zone.ts';

function zone(apex: string, ...rrsets: readonly RRset[]): Zone {
  const timers = Uint8Array.of(0, 0, 0, 1, 0, 0, 14, 16, 0, 0, 3, 132, 0, 9, 58, 128, 0, 0, 1, 44);
  const soa = concatBytes([nameInWire(name(`ns.${apex}`)), nameInWire(name(`h.${apex}`)), timers]);
  const all = [
    rrset(apex, TYPE.SOA, soa),
    rrset(apex, TYPE.NS, nameInWire(name('ns.elsewhere.test'))),
    ...rrsets,
  ];
  return {
    apex: name(apex),
    rrsets: all.sort((left, right) => compareCanonical(left.owner, right.owner) || left.type - right.type),
  };
}

function rrset(owner: string, type: number, ...data: readonly Uint8Array[]): RRset {
  return { owner: name(owner), type, ttlSeconds: 600, data };
}

function address(number: number): Uint8Array {
  return Uint8Array.of(10, number >> 16, number >> 8, number);
}

/** The four bytes of the one address in the answer. */
function addressOf(shared: PlaneShared, owner: string): string | undefined {
  return show(ask(shared, { name: name(owner), type: TYPE.A })).answers[0]?.split(' ')[3];
}

describe('compileZone()', () => {
  it('has no zones to answer from where it was given none', () => {
    expect(ask(compileDirectory([]), { name: name('example'), type: TYPE.A }).rcode).toBe(RCODE.REFUSED);
  });

  it('keeps a thousand zones apart, the same names in each', () => {
    const zones = Array.from({ length: 1_000 }, (_, index) =>
      zone(`z${index}.test`, rrset(`www.z${index}.test`, TYPE.A, address(index))),
    );
    const shared = compileDirectory(zones.map(zone => compileZone(zone)));
    for (let index = 0; index < zones.length; index++)
      expect(addressOf(shared, `www.z${index}.test`)).toBe(address(index).toHex());
    expect(ask(shared, { name: name('www.z1000.test'), type: TYPE.A }).rcode).toBe(RCODE.REFUSED);
  });

  it('is put beside the others anew when it changed, which stay what they were', () => {
    const [first, second] = ['one.test', 'two.test'].map(apex =>
      compileZone(zone(apex, rrset(`www.${apex}`, TYPE.A, address(1)))),
    ) as [SharedArrayBuffer, SharedArrayBuffer];
    const before = compileDirectory([first, second]);
    const changed = compileZone(zone('two.test', rrset('www.two.test', TYPE.A, address(2))));
    const after = compileDirectory([first, changed]);
    const seen = [before, after].map(shared =>
      ['www.one.test', 'www.two.test'].map(owner => addressOf(shared, owner)),
    );
    const [old, young] = [address(1).toHex(), address(2).toHex()];
    expect(seen).toEqual([
      [old, old],
      [old, young],
    ]);
  });

  it('keeps a zone within another from it, whichever comes first', () => {
    const outer = zone('test', rrset('a.in.test', TYPE.A, address(1)), rrset('b.test', TYPE.A, address(2)));
    const inner = zone('in.test', rrset('b.in.test', TYPE.A, address(3)));
    for (const zones of [
      [outer, inner],
      [inner, outer],
    ]) {
      const shared = compileDirectory(zones.map(zone => compileZone(zone)));
      // What the outer zone has below the inner one's apex is not its to tell.
      expect([
        addressOf(shared, 'a.in.test'),
        addressOf(shared, 'b.in.test'),
        addressOf(shared, 'b.test'),
      ]).toEqual([undefined, address(3).toHex(), address(2).toHex()]);
    }
  });

  it('serves the root', () => {
    const shared = compileDirectory([compileZone(rootZone())]);
    expect(addressOf(shared, 'host.test')).toBe(address(7).toHex());
    const referral = show(ask(shared, { name: name('www.cut'), type: TYPE.A }));
    expect([referral.authoritative, referral.authorities.length, referral.additionals]).toEqual([
      false,
      1,
      [`ns.cut 600 1 ${address(8).toHex()}`],
    ]);
    expect(show(ask(shared, { name: name('nowhere'), type: TYPE.A })).rcode).toBe(RCODE.NXDOMAIN);
  });

  function rootZone(): Zone {
    const soa = concatBytes([nameInWire(name('ns')), nameInWire(name('h')), new Uint8Array(20)]);
    const rrsets = [
      rrset('.', TYPE.SOA, soa),
      rrset('.', TYPE.NS, nameInWire(name('ns'))),
      rrset('cut', TYPE.NS, nameInWire(name('ns.cut'))),
      rrset('ns.cut', TYPE.A, address(8)),
      rrset('host.test', TYPE.A, address(7)),
    ];
    return { apex: [], rrsets };
  }

  it('tells an RRset that no message holds by TC, also by TCP', () => {
    const texts = Array.from({ length: 300 }, (_, index) =>
      Uint8Array.of(255, ...new Uint8Array(253).fill(0x61), index >> 8, index),
    );
    const shared = compileDirectory([compileZone(zone('test', rrset('huge.test', TYPE.TXT, ...texts)))]);
    const shown = show(askByStream(shared, { name: name('huge.test'), type: TYPE.TXT }));
    expect([shown.truncated, shown.answers.length]).toEqual([true, 0]);
  });

  it('takes names of the greatest length and the most labels', () => {
    const deep = `${'a.'.repeat(124)}test`;
    const long = `${`${'b'.repeat(61)}.`.repeat(4)}test`.slice(3);
    const shared = compileDirectory([
      compileZone(zone('test', rrset(deep, TYPE.A, address(1)), rrset(long, TYPE.A, address(2)))),
    ]);
    expect([addressOf(shared, deep), addressOf(shared, long)]).toEqual([
      address(1).toHex(),
      address(2).toHex(),
    ]);
  });

  it('has 100,000 records of 50,000 names in less than 100 bytes each', () => {
    const rrsets = Array.from({ length: 50_000 }, (_, index) => [
      rrset(`host-${index}.test`, TYPE.A, address(index)),
      rrset(`host-${index}.test`, TYPE.MX, concatBytes([Uint8Array.of(0, 1), nameInWire(name('mail.test'))])),
    ]).flat();
    const compiled = compileZone(zone('test', ...rrsets));
    expect(compiled.byteLength / rrsets.length).toBeLessThan(100);
    expect(addressOf(compileDirectory([compiled]), 'host-49999.test')).toBe(address(49_999).toHex());
  }, 30_000);
});

describe('a zone with compact denial (RFC 9824)', () => {
  const key: SigningKey = {
    dnskey: { flags: 257, protocol: 3, algorithm: 13, publicKey: new Uint8Array(64).fill(1) },
    keyTag: 1,
    sign: data => createHash('sha512').update(data).digest(),
  };
  const policy = {
    inceptionSeconds: 1,
    expirationSeconds: () => 2,
    renewBeforeSeconds: 0,
    denial: 'compact',
    dnskeyTtlSeconds: 60,
    zonemd: false,
  } as const;
  const plain = zone('test', rrset('www.a.test', TYPE.A, address(1)), rrset('*.w.test', TYPE.A, address(2)));
  const shared = compileDirectory([compileZone(signZone(plain, { ksk: [key], zsk: [key] }, policy))]);
  const outcome = (owner: string, type: number, dnssecOk: boolean): unknown => {
    const reply = send(shared, encodeAsked({ name: name(owner), type, edns: { dnssecOk } }));
    return reply instanceof Uint8Array ? (reply[3] as number) & 0xf : reply;
  };

  it('answers by what is signed ahead: names and empty non-terminals that exist', () => {
    expect(outcome('www.a.test', TYPE.A, true)).toBe(RCODE.NOERROR);
    expect(outcome('www.a.test', TYPE.TXT, true)).toBe(RCODE.NOERROR);
    expect(outcome('a.test', TYPE.A, true)).toBe(RCODE.NOERROR);
  });

  it('leaves to the signer what it has to sign, and only for those who want signatures', () => {
    expect(outcome('nothing.test', TYPE.A, true)).toBe('pass-on');
    expect(outcome('x.w.test', TYPE.A, true)).toBe('pass-on');
    expect(outcome('nothing.test', TYPE.A, false)).toBe(RCODE.NXDOMAIN);
    expect(outcome('x.w.test', TYPE.A, false)).toBe(RCODE.NOERROR);
  });
});
