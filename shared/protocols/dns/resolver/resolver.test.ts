import { describe, expect, it } from 'vitest';
import { Prng } from '../../../simulation/prng.ts';
import { seededSigningKey } from '../../../simulation/signing-key.ts';
import { ALGORITHM } from '../dnssec/dnskey.ts';
import type { SigningKey } from '../dnssec/signing-key.ts';
import { TYPE } from '../message.ts';
import { formatName } from '../name.ts';
import { EDE } from './fault.ts';
import { Asker } from './testing/asker.ts';
import { household } from './testing/household.ts';
import { ADDRESSES, told } from './testing/told.ts';

const prng = new Prng('resolver');
const makeKey = (): SigningKey => seededSigningKey(prng, { algorithm: ALGORITHM.ED25519, ksk: true });
const internet = household(makeKey);

describe('names and their addresses', () => {
  it.each([
    ['nsec.test', 'secure'],
    ['nsec3.test', 'secure'],
    ['plain.test', 'insecure'],
    ['island.test', 'insecure'],
    ['unknown.test', 'insecure'],
    ['same.test', 'secure'],
    ['beside.test', 'insecure'],
    ['sub.nsec3.test', 'secure'],
    ['glueless.test', 'secure'],
    ['short.test', 'secure'],
  ])('in %s are %s', (zone, security) => {
    const asker = new Asker(internet);
    const answers = ADDRESSES.map(([name]) => [name, told(asker.ask(`${name}.${zone}`, TYPE.A))]);
    expect(answers).toEqual(ADDRESSES.map(([name, answer]) => [name, `${answer}, ${security}`]));
    // And again, of what is known now.
    const again = ADDRESSES.map(([name]) => [name, told(asker.ask(`${name}.${zone}`, TYPE.A))]);
    expect(again).toEqual(answers);
  });

  it('are asked for at once as well as one by one', () => {
    const asker = new Asker(internet);
    const questions = ADDRESSES.map(([name]) => ({ asked: `${name}.nsec3.test`, type: TYPE.A }));
    expect(asker.askAll(questions).map(told)).toEqual(ADDRESSES.map(([, answer]) => `${answer}, secure`));
  });

  it('have no other types', () => {
    const asker = new Asker(internet);
    for (const name of ['www', 'x.wild', 'empty', 'alias'])
      for (const zone of ['nsec.test', 'nsec3.test'])
        expect([name, told(asker.ask(`${name}.${zone}`, TYPE.MX))]).toEqual([name, 'no data, secure']);
  });
});

describe('an alias', () => {
  it('out of a signed zone is as secure as where it leads', () => {
    const resolution = new Asker(internet).ask('far.nsec.test', TYPE.A);
    expect(told(resolution)).toBe('198.51.100.1, insecure');
    expect(
      resolution.kind === 'answered' && resolution.aliases.map(({ owner }) => formatName(owner)),
    ).toEqual(['far.nsec.test']);
  });

  it('that leads to itself is a failure', () => {
    expect(told(new Asker(internet).ask('loop.nsec.test', TYPE.A))).toBe(`failed ${EDE.OTHER}`);
  });

  it('is not followed where it was asked for', () => {
    const resolution = new Asker(internet).ask('loop.nsec.test', TYPE.CNAME);
    expect(resolution).toMatchObject({ kind: 'answered', aliases: [], secure: true });
  });
});

describe('what cannot be proven', () => {
  it.each([
    ['www.bogus.test', EDE.DNSKEY_MISSING],
    ['absent.bogus.test', EDE.DNSKEY_MISSING],
    ['www.expired.test', EDE.SIGNATURE_EXPIRED],
    ['www.early.test', EDE.SIGNATURE_NOT_YET_VALID],
  ])('%s fails, and it is said why', (name, code) => {
    expect(told(new Asker(internet).ask(name, TYPE.A))).toBe(`failed ${code}`);
  });

  it('fails where the anchor is another', () => {
    const asker = new Asker(internet, { anchors: [{ ...internet.anchor('test'), apex: [] }] });
    expect(told(asker.ask('www.plain.test', TYPE.A))).toBe(`failed ${EDE.DNSKEY_MISSING}`);
  });

  it('is taken as it is without an anchor', () => {
    const asker = new Asker(internet, { anchors: [] });
    expect(told(asker.ask('www.bogus.test', TYPE.A))).toBe('198.51.100.1, insecure');
    expect(told(asker.ask('absent.nsec.test', TYPE.A))).toBe('no name, insecure');
  });

  it('is proven by an anchor of its own', () => {
    const asker = new Asker(internet, { anchors: [internet.anchor('.'), internet.anchor('island.test')] });
    expect(told(asker.ask('www.island.test', TYPE.A))).toBe('198.51.100.1, secure');
  });
});

describe('zones', () => {
  it('show their DS and their keys', () => {
    const asker = new Asker(internet);
    for (const [name, type, answer] of [
      ['nsec.test', TYPE.DS, true],
      ['nsec.test', TYPE.DNSKEY, true],
      ['same.test', TYPE.DS, true],
      ['same.test', TYPE.DNSKEY, true],
      ['island.test', TYPE.DS, false],
    ] as const) {
      const resolution = asker.ask(name, type);
      expect([name, resolution]).toMatchObject([name, { kind: 'answered', secure: true, exists: true }]);
      expect(resolution.kind === 'answered' && resolution.rrset !== undefined).toBe(answer);
    }
  });

  it('whose servers are only named by each other cannot be reached', () => {
    const resolution = new Asker(internet).ask('www.left.test', TYPE.A);
    expect(told(resolution)).toBe(`failed ${EDE.NO_REACHABLE_AUTHORITY}`);
  });
});

describe('servers learn no more than they must (RFC 9156)', () => {
  it('label by label, and each zone once', () => {
    const asker = new Asker(internet);
    asker.ask('a.empty.nsec.test', TYPE.TXT);
    expect(asker.sent).toEqual([
      '192.0.2.1 udp . DNSKEY',
      '192.0.2.1 udp . NS',
      '192.0.2.1 udp test A',
      '192.0.2.2 udp test DNSKEY',
      '192.0.2.2 udp nsec.test A',
      '192.0.2.3 udp nsec.test DNSKEY',
      '192.0.2.3 udp empty.nsec.test A',
      '192.0.2.3 udp a.empty.nsec.test TXT',
    ]);
  });

  it('in larger steps where the name is long', () => {
    const asker = new Asker(internet);
    asker.ask(`${'a.'.repeat(40)}wild.plain.test`, TYPE.A);
    expect(asker.sent.filter(line => line.startsWith('192.0.2.5')).length).toBeLessThan(10);
  });

  it('and not again what is proven not to exist (RFC 8020)', () => {
    const asker = new Asker(internet);
    asker.ask('a.b.absent.nsec.test', TYPE.A);
    const { length } = asker.sent;
    expect(told(asker.ask('c.b.absent.nsec.test', TYPE.TXT))).toBe('no name, secure');
    expect(asker.sent.length).toBe(length);
  });
});

describe('what was learnt', () => {
  it('is told from memory until its TTL ends', () => {
    const asker = new Asker(internet);
    asker.ask('www.nsec.test', TYPE.A);
    const { length } = asker.sent;
    asker.nowMs += 3_000_000;
    expect(asker.ask('www.nsec.test', TYPE.A)).toMatchObject({
      ttlSeconds: expect.closeTo(600, 0) as number,
    });
    expect(asker.sent.length).toBe(length);
    asker.nowMs += 700_000;
    expect(told(asker.ask('www.nsec.test', TYPE.A))).toBe('198.51.100.1, secure');
    expect(asker.sent.length).toBeGreaterThan(length);
  });

  it('is told for no longer than its signature holds (RFC 4035 §5.3.3)', () => {
    const asker = new Asker(internet);
    asker.wallMs += (30 * 86_400 - 3_600 - 100) * 1_000;
    expect(asker.ask('www.nsec.test', TYPE.A)).toMatchObject({
      ttlSeconds: expect.closeTo(100, -1) as number,
    });
  });

  it('of what is not there is told as long as its SOA says (RFC 2308 §5)', () => {
    const asker = new Asker(internet);
    expect(asker.ask('absent.nsec.test', TYPE.A)).toMatchObject({ exists: false, ttlSeconds: 300 });
    const { length } = asker.sent;
    asker.nowMs += 299_000;
    asker.ask('absent.nsec.test', TYPE.A);
    expect(asker.sent.length).toBe(length);
    asker.nowMs += 2_000;
    asker.ask('absent.nsec.test', TYPE.A);
    expect(asker.sent.length).toBe(length + 1);
  });

  it('of a failure keeps the servers in peace for a while, longer each time (RFC 9520 §3.2)', () => {
    const asker = new Asker(internet);
    const sentFor = (waitMs: number): number => {
      asker.nowMs += waitMs;
      const { length } = asker.sent;
      asker.ask('www.bogus.test', TYPE.A);
      return asker.sent.length - length;
    };
    expect(sentFor(0)).toBeGreaterThan(0);
    expect(sentFor(1_000)).toBe(0);
    expect(sentFor(5_000)).toBeGreaterThan(0);
    expect(sentFor(6_000)).toBe(0);
    expect(sentFor(5_000)).toBeGreaterThan(0);
  });
});
