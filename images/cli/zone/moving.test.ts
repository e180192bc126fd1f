import { describe, expect, it } from 'vitest';
import { name } from '../../../shared/protocols/dns/answer/testing/ask.ts';
import { TYPE } from '../../../shared/protocols/dns/message.ts';
import { nameInWire } from '../../../shared/protocols/dns/name.ts';
import type { RRset, Zone } from '../../../shared/protocols/dns/rrset.ts';
import { importable } from './importable.ts';
import { movingSteps } from './moving.ts';

const set = (owner: string, type: number, ttlSeconds = 3_600): RRset => ({
  owner: name(owner),
  type,
  ttlSeconds,
  data: [new Uint8Array(22)],
});
const zoneOf = (...rrsets: readonly RRset[]): Zone => ({ apex: name('example.org'), rrsets });
const SOA = set('example.org', TYPE.SOA);
const NS = set('example.org', TYPE.NS);

describe('importable()', () => {
  it('leaves out what the new server makes itself and what is the parent’s', () => {
    const cut = [set('sub.example.org', TYPE.NS), set('sub.example.org', TYPE.DS)];
    const made = [TYPE.RRSIG, TYPE.NSEC, TYPE.DNSKEY, TYPE.CDS, TYPE.ZONEMD, TYPE.DS, 65_534].map(type =>
      set('example.org', type),
    );
    const { zone, leftOut, isSigned } = importable(zoneOf(SOA, NS, ...made, ...cut));
    expect(zone.rrsets).toEqual([SOA, NS, ...cut]);
    expect([...leftOut]).toEqual([
      ['RRSIG', 1],
      ['NSEC', 1],
      ['DNSKEY', 1],
      ['CDS', 1],
      ['ZONEMD', 1],
      ['DS', 1],
      ['TYPE65534', 1],
    ]);
    expect(isSigned).toBe(true);
    expect(importable(zoneOf(SOA, NS)).isSigned).toBe(false);
  });
});

describe('movingSteps()', () => {
  const at = Date.UTC(2026, 10, 1);
  const days = (steps: readonly string[]): string[] =>
    steps.map(step => /\d{4}-(\S+ \S+) UTC/.exec(step)?.[1] ?? '');
  const stepOf = (steps: readonly string[], words: string): number =>
    steps.findIndex(step => step.includes(words));

  it('waits for what caches have of the parent and of the zone', () => {
    const week = set('www.example.org', TYPE.A, 7 * 86_400);
    const unsigned = movingSteps({ zone: zoneOf(SOA, NS, week), isSigned: false, file: 'f' }, at);
    const [now, later] = ['11-01 00:00', '11-08 12:00'];
    expect(days(unsigned)).toEqual([now, now, now, later, later]);
  });

  it('has the DS record gone from all caches before the name servers change', () => {
    const signed = movingSteps({ zone: zoneOf(SOA, NS), isSigned: true, file: 'f' }, at);
    const [now, unsigned, over] = ['11-01 00:00', '11-02 12:00', '11-05 00:00'];
    expect(days(signed)).toEqual([now, now, now, unsigned, over, over]);
    expect(stepOf(signed, 'remove the DS record of example.org')).toBe(2);
    expect(stepOf(signed, 'Not earlier')).toBe(3);
    expect(stepOf(signed, 'lares zone ds example.org')).toBe(5);
  });

  it('names the old name servers in the zone itself, which are replaced before anybody asks the new ones', () => {
    const old = ['ns1.old.test', 'ns2.old.test'].map(text => nameInWire(name(text)));
    const zone = zoneOf(SOA, { ...NS, data: old });
    const steps = movingSteps({ zone, isSigned: true, file: 'f' }, at);
    expect(
      stepOf(steps, 'in the place of ns1.old.test. and ns2.old.test.: in the NS records of example.org'),
    ).toBe(0);
    expect(stepOf(steps, 'in the NS records at the old server, too')).toBe(3);
    expect(stepOf(steps, 'end it there')).toBe(4);
  });
});
