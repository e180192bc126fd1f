import { describe, expect, it } from 'vitest';
import { Prng } from '../../../simulation/prng.ts';
import { seededSigningKey } from '../../../simulation/signing-key.ts';
import { compileDirectory } from '../compiled/compile-directory.ts';
import { compileZone } from '../compiled/compile-zone.ts';
import { signOnline } from '../dnssec/compact-denial.ts';
import { ALGORITHM, encodeDnskey } from '../dnssec/dnskey.ts';
import { signZone } from '../dnssec/sign-zone.ts';
import { verifyRRset } from '../dnssec/verify-rrset.ts';
import { FLAG, RCODE, TYPE, type Message, type ResourceRecord } from '../message.ts';
import { equalNames, formatName } from '../name.ts';
import { formatType } from '../record-types/mnemonics.ts';
import { formatData } from '../record-types/presentation.ts';
import { dataFromMessage } from '../record-types/wire.ts';
import { readZone } from '../zone-file/read-zone.ts';
import type { SignOnline } from './compact-answers.ts';
import { ONLINE_ANSWERS_PER_SECOND } from './online-allowance.ts';
import { createDnsPlane } from './plane.ts';
import { createStreamResponder } from './stream-responder.ts';
import { askByStream, encodeAsked, name, optionsOf, send, SOURCE } from './testing/ask.ts';

const APEX = name('zone.test');
const TEXT = `$TTL 3600
@ SOA ns hostmaster 1 1d 2h 4w 300
@ NS ns
ns A 192.0.2.1
www A 192.0.2.2
leaf.ent A 192.0.2.3
*.wild TXT made
*.wild MX 10 www
*.alias CNAME nothing.elsewhere.alias2
sub NS ns.sub
ns.sub A 192.0.2.4
`;

const key = seededSigningKey(new Prng('compact'), { algorithm: ALGORITHM.ED25519, ksk: true });
const trusted = { apex: APEX, dnskeys: [encodeDnskey(key.dnskey)] };
const validity = { inceptionSeconds: 1_000, expirationSeconds: 3_000 };
const sign: SignOnline = (apex, rrset) => signOnline(rrset, { apex, zsk: [key], validity });

function compile(limit?: number) {
  const read = readZone({ file: 'zone', read: () => TEXT, origin: APEX });
  if (!read.ok) throw new Error(read.error.errors[0]?.message);
  const policy = {
    inceptionSeconds: 1_000,
    expirationSeconds: () => 3_000,
    renewBeforeSeconds: 0,
    denial: 'compact',
    dnskeyTtlSeconds: 60,
    zonemd: false,
  } as const;
  const signed = signZone(read.value.zone, { ksk: [key], zsk: [key] }, policy);
  const rateLimit = limit === undefined ? {} : { rateLimit: { responsesPerSecond: limit, slip: 0 } };
  return compileDirectory([compileZone(signed)], rateLimit);
}

const shared = compile();
const CO = 0x4000;

function ask(owner: string, type: number, otherFlags = 0): Message {
  const asked = { name: name(owner), type, edns: { dnssecOk: true, otherFlags } };
  return askByStream(shared, asked, createStreamResponder({ sign }));
}

/** The records of a section without their signatures, each of which has to verify as that of a name that is there. */
function verified({ bytes }: Message, section: readonly ResourceRecord[]): string[] {
  const dataOf = ({ type, dataStart, dataEnd }: ResourceRecord): Uint8Array => {
    const data = dataFromMessage(bytes, type, dataStart, dataEnd);
    if (!data.ok) throw new Error(data.error);
    return data.value;
  };
  return section
    .filter(({ type }) => type !== TYPE.RRSIG)
    .map(record => {
      const { name: owner, type, ttlSeconds } = record;
      const same = section.filter(other => other.type === type && equalNames(other.name, owner));
      const rrset = { owner, type, ttlSeconds, data: same.map(dataOf) };
      const results = section
        .filter(other => other.type === TYPE.RRSIG && equalNames(other.name, owner))
        .map(other => verifyRRset(rrset, dataOf(other), trusted, 2_000));
      const isSigned = results.some(result => result.ok && !result.value.fromWildcard);
      const said = `${formatName(owner)} ${ttlSeconds} ${formatType(type)} ${formatData(type, dataOf(record))}`;
      return isSigned ? said : `unsigned: ${said}`;
    });
}

const SOA = 'zone.test 300 SOA ns.zone.test. hostmaster.zone.test. 1 86400 7200 2419200 300';

describe('an answer of a zone with compact denial (RFC 9824)', () => {
  it.each<[string, string, number, string]>([
    [
      'a name that is not there',
      'x.zone.test',
      TYPE.A,
      'x.zone.test 300 NSEC \\000.x.zone.test. RRSIG NSEC NXNAME',
    ],
    [
      'a type of a name',
      'www.zone.test',
      TYPE.TXT,
      'www.zone.test 300 NSEC \\000.www.zone.test. A RRSIG NSEC',
    ],
    [
      'an empty non-terminal',
      'ent.zone.test',
      TYPE.A,
      'ent.zone.test 300 NSEC \\000.ent.zone.test. RRSIG NSEC',
    ],
    [
      'a type of a name that a wildcard makes',
      'any.wild.zone.test',
      TYPE.A,
      'any.wild.zone.test 300 NSEC \\000.any.wild.zone.test. MX TXT RRSIG NSEC',
    ],
    [
      'the DS of a cut',
      'sub.zone.test',
      TYPE.DS,
      'sub.zone.test 300 NSEC \\000.sub.zone.test. NS RRSIG NSEC',
    ],
  ])('denies %s by one NSEC of the name itself', (_what, owner, type, nsec) => {
    const message = ask(owner, type);
    expect(message.rcode).toBe(RCODE.NOERROR);
    expect(verified(message, message.answers)).toEqual([]);
    expect(verified(message, message.authorities)).toEqual([SOA, nsec]);
  });

  it('gives what a wildcard makes as if it were there', () => {
    const message = ask('Any.Wild.zone.test', TYPE.MX);
    expect(verified(message, message.answers)).toEqual(['Any.Wild.zone.test 3600 MX 10 www.zone.test.']);
    expect(message.authorities).toEqual([]);
  });

  it('follows an alias that a wildcard makes to a name that is not there', () => {
    const message = ask('any.alias.zone.test', TYPE.A);
    expect(verified(message, message.answers)).toEqual([
      'any.alias.zone.test 3600 CNAME nothing.elsewhere.alias2.zone.test.',
    ]);
    expect(verified(message, message.authorities)).toEqual([
      SOA,
      'nothing.elsewhere.alias2.zone.test 300 NSEC \\000.nothing.elsewhere.alias2.zone.test. RRSIG NSEC NXNAME',
    ]);
  });

  it.each(['x.zone.test', 'any.wild.zone.test'])('has the NSEC of %s for who asks for it', owner => {
    const message = ask(owner, TYPE.NSEC);
    expect(verified(message, message.answers)).toEqual([expect.stringContaining(`${owner} 300 NSEC \\000`)]);
  });

  it('says NXDOMAIN to who knows compact answers, and gives CO back (§5.1)', () => {
    const flagsOf = ({ additionals }: Message): number => (additionals.at(-1)?.ttlSeconds ?? 0) & 0xffff;
    const known = ask('x.zone.test', TYPE.A, CO);
    expect([known.rcode, flagsOf(known)]).toEqual([RCODE.NXDOMAIN, 0xc000]);
    expect(verified(known, known.authorities)).toHaveLength(2);
    expect(flagsOf(ask('x.zone.test', TYPE.A))).toBe(0x8000);
    expect(ask('ent.zone.test', TYPE.A, CO).rcode).toBe(RCODE.NOERROR);
  });

  it('to a question for NXNAME is FORMERR (§3.5)', () => {
    const message = ask('www.zone.test', TYPE.NXNAME);
    expect(message.rcode).toBe(RCODE.FORMERR);
    expect(optionsOf(message)?.get(15)).toBe('001e');
  });
});

describe('a flood of names that are not there', () => {
  const flood = (count: number, edns = { dnssecOk: true }): Uint8Array[] =>
    Array.from({ length: count }, (_, index) =>
      encodeAsked({ name: name(`x${index}.zone.test`), type: TYPE.A, edns }),
    );
  const truncated = (reply: unknown): boolean =>
    reply instanceof Uint8Array && ((reply[2] as number) & (FLAG.TC >> 8)) !== 0;

  it('is passed on as far as the allowance goes; others are told to come by TCP', () => {
    const plane = createDnsPlane();
    const replies = flood(ONLINE_ANSWERS_PER_SECOND + 10).map(request => send(shared, request, { plane }));
    expect(replies.filter(reply => reply === 'pass-on')).toHaveLength(ONLINE_ANSWERS_PER_SECOND);
    expect(replies.filter(truncated)).toHaveLength(10);
    const later = flood(1).map(request => send(shared, request, { plane, nowMs: 1_000_001 }));
    expect(later).toEqual(['pass-on']);
  });

  it('is passed on no faster than its network may get answers', () => {
    const plane = createDnsPlane();
    const limited = compile(5);
    const replies = flood(20).map(request => send(limited, request, { plane }));
    expect(replies.filter(reply => reply === 'pass-on')).toHaveLength(5);
    expect(replies.filter(reply => reply === undefined)).toHaveLength(15);
  });

  it('is signed by TCP as far as the allowance goes, and no farther', () => {
    let signed = 0;
    const count: SignOnline = () => (signed++, [new Uint8Array(64)]);
    const respond = createStreamResponder({ sign: count });
    const rcodes = flood(ONLINE_ANSWERS_PER_SECOND + 10).map(message => {
      const reply = respond(shared, { message, source: SOURCE }, 1_000_000);
      return reply instanceof Uint8Array ? (reply[3] as number) & 0xf : reply;
    });
    expect(signed).toBe(ONLINE_ANSWERS_PER_SECOND);
    expect(rcodes.filter(rcode => rcode === RCODE.SERVFAIL)).toHaveLength(10);
  });
});
