import { describe, expect, it } from 'vitest';
import { TYPE } from '../message.ts';
import { checkZone } from './check-zone.ts';
import { FaultList, formatZoneFault } from './fault.ts';
import { HEAD, name, ORIGIN, readBehindHead, readText } from './testing/read-text.ts';

const DIGEST = '00'.repeat(32);
const KEY = `257 3 13 ${'A'.repeat(86)}==`;
const SIGNATURE = `A 13 3 3600 20270101000000 20260101000000 1 example.org. ${'A'.repeat(86)}==`;
const HEAD_LINES = HEAD.split('\n').length - 1;

/** Lines behind the head of a zone, and what the fault of the line numbered behind it says. */
type Case = readonly [lines: string, line: number, fault: string];

describe('a zone is refused for', () => {
  it.each<Case>([
    [
      'a SOA ns1 x 1 2 3 4 5',
      1,
      'a.example.org. has an SOA, but the zone begins at example.org. (RFC 1035 §5.2)',
    ],
    [
      'a CNAME b\na TXT x\nb TXT x',
      2,
      'a.example.org. has a CNAME and TXT; a CNAME stands alone (RFC 2181 §10.1)',
    ],
    [
      'a CNAME b\na CNAME ns1\nb TXT x',
      1,
      'a.example.org. has 2 CNAME records; one is right (RFC 2181 §10.1)',
    ],
    ['a DNAME b\na DNAME c', 1, 'a.example.org. has 2 DNAME records; one is right (RFC 6672 §2.4)'],
    [
      'a DNAME b\nx.a TXT x',
      2,
      'x.a.example.org. stands below the DNAME at a.example.org.; nothing may (RFC 6672 §2.4)',
    ],
    [
      'a DNAME b\na NS ns.elsewhere.test.',
      1,
      'a.example.org. has a DNAME and NS; both together stand at the apex alone (RFC 6672 §2.3)',
    ],
    [
      'a NS ns.a',
      1,
      'the server ns.a.example.org. of a.example.org. has no address here: its glue is missing (RFC 9471 §2.1)',
    ],
    [
      'a NS a',
      1,
      'the server a.example.org. of a.example.org. has no address here: its glue is missing (RFC 9471 §2.1)',
    ],
    ['a NS b', 1, 'NS of a.example.org. names b.example.org., which does not exist (RFC 1034 §4.2.1)'],
    [
      'a NS b\nb TXT x',
      1,
      'NS of a.example.org. names b.example.org., which has no address (RFC 1034 §4.2.1)',
    ],
    [
      '@ NS b\nc.b A 192.0.2.2',
      -2,
      'NS of example.org. names b.example.org., which does not exist (RFC 1034 §4.2.1)',
    ],
    [
      '@ NS b\nb CNAME ns1',
      -2,
      'NS of example.org. names b.example.org., which is an alias (CNAME): name the host itself (RFC 2181 §10.3)',
    ],
    [
      'a MX 1 b\nb CNAME ns1',
      1,
      'MX of a.example.org. names b.example.org., which is an alias (CNAME): name the host itself (RFC 2181 §10.3)',
    ],
    [
      'a MX 1 c.b\nb DNAME d',
      1,
      'MX of a.example.org. names c.b.example.org., which is an alias by the DNAME at b.example.org. (RFC 2181 §10.3)',
    ],
    [
      '_a._tcp SRV 1 1 1 b\nb CNAME ns1',
      1,
      'SRV of _a._tcp.example.org. names b.example.org., which is an alias (CNAME): name the host itself (RFC 2782)',
    ],
    [
      'a MX 0 .\na MX 1 ns1',
      1,
      'a.example.org. has a null MX (0 .) beside others; it stands alone (RFC 7505 §3)',
    ],
    [
      '*.a NS ns.elsewhere.test.',
      1,
      '*.a.example.org. is a wildcard with NS; delegate each name by itself (RFC 4592 §4.2)',
    ],
    [
      'a 5 TXT a\na 6 TXT b',
      2,
      'a.example.org. TXT has the TTL 6 here and 5 in zone:6; they must be the same (RFC 2181 §5.2)',
    ],
    [
      'a NS ns1\n@ DS 1 13 2 ' + DIGEST,
      2,
      'example.org. is the zone itself; its DS stands in the zone above (RFC 4035 §2.4)',
    ],
    ['a TXT x\na TXT x', 2, 'the same record of a.example.org. TXT stands here a second time (RFC 2181 §5)'],
    [
      'a MX 1 NS1\na MX 1 ns1',
      2,
      'the same record of a.example.org. MX stands here a second time (RFC 2181 §5)',
    ],
    [
      'a HTTPS 0 ns1 alpn=h2',
      1,
      'HTTPS of a.example.org. has parameters in an alias, where all ignore them (RFC 9460 §2.4.2)',
    ],
    [
      'a DS 1 13 2 ' + DIGEST,
      1,
      'a.example.org. has a DS but no NS; a DS belongs to a delegation (RFC 4035 §2.4)',
    ],
    ['a NS ns1\na DS 1 13 9 00', 2, 'a DS of a.example.org. has the unknown digest type 9 (RFC 4034 §5.1.3)'],
    [
      'a TXT x\na RRSIG ' + SIGNATURE,
      2,
      'a.example.org. has RRSIG, but the zone has no DNSKEY; leave signing to the server (RFC 4035 §2.1)',
    ],
    [
      '@ NSEC ns1 SOA',
      1,
      'example.org. has NSEC, but the zone has no DNSKEY; leave signing to the server (RFC 4035 §2.1)',
    ],
    [
      '@ NSEC3PARAM 1 0 0 -',
      1,
      'example.org. has NSEC3PARAM, but the zone has no DNSKEY; leave signing to the server (RFC 4035 §2.1)',
    ],
    ['a CDS 0 0 0 00', 1, 'CDS at a.example.org.; it stands at the apex alone (RFC 7344 §4.1)'],
    ['@ CDS 1 13 2 ' + DIGEST, 1, 'no CDS is for a DNSKEY of the zone (RFC 7344 §4.1)'],
    ['@ CDNSKEY ' + KEY, 1, 'no CDNSKEY is for a DNSKEY of the zone (RFC 7344 §4.1)'],
    ['@ DNSKEY ' + KEY + '\n@ CDS 1 13 2 ' + DIGEST, 2, 'no CDS is for a DNSKEY of the zone (RFC 7344 §4.1)'],
    [
      '@ CDS 0 0 0 00\n@ CDS 1 13 2 ' + DIGEST,
      1,
      'the CDS that asks the parent to delete the DS stands alone (RFC 8078 §4)',
    ],
    [
      '_a A 192.0.2.1',
      1,
      '_a.example.org. has A, but is no host name: letters, digits and hyphens within (RFC 1123 §2.1)',
    ],
    [
      'a._b AAAA ::1',
      1,
      'a._b.example.org. has AAAA, but is no host name: letters, digits and hyphens within (RFC 1123 §2.1)',
    ],
    [
      '-a MX 1 ns1',
      1,
      '-a.example.org. has MX, but is no host name: letters, digits and hyphens within (RFC 1123 §2.1)',
    ],
    [
      'a.*.b A 192.0.2.1',
      1,
      'a.*.b.example.org. has A, but is no host name: letters, digits and hyphens within (RFC 1123 §2.1)',
    ],
    [
      'a MX 1 b_c.test.',
      1,
      'MX of a.example.org. names b_c.test., which is no host name: letters, digits and hyphens within (RFC 1123 §2.1)',
    ],
    [
      'a NS b_c.test.',
      1,
      'NS of a.example.org. names b_c.test., which is no host name: letters, digits and hyphens within (RFC 1123 §2.1)',
    ],
    [
      '_a._tcp SRV 1 1 1 b_c.test.',
      1,
      'SRV of _a._tcp.example.org. names b_c.test., which is no host name: letters, digits and hyphens within (RFC 1123 §2.1)',
    ],
  ])('%s', (lines, line, fault) => {
    const { records, errors } = readBehindHead(lines);
    expect(records).toBeUndefined();
    expect(errors).toEqual([`zone:${HEAD_LINES + line}: ${fault}`]);
  });

  it('an RRset that fits no message', () => {
    const long = `"${'x'.repeat(255)}"`;
    const lines = Array.from({ length: 65 }, (_, index) => `a TXT ${`${long} `.repeat(4)} ${index}`);
    expect(readBehindHead(lines.slice(0, 60).join('\n')).errors).toEqual([]);
    expect(readBehindHead(lines.join('\n')).errors[0]).toMatch(
      /^zone:6: the 65 TXT records of a\.example\.org\. are \d+ bytes; 65504 fit an answer \(RFC 1035 §4\.2\.2\)$/,
    );
  });

  it.each([
    [
      'no SOA',
      HEAD.replace(/@ SOA.*\n/, ''),
      'zone:2: example.org. has no SOA; a zone has one (RFC 1035 §5.2)',
    ],
    [
      'two SOA',
      HEAD + '@ SOA ns1 x 1 7200 3600 1209600 3600\n',
      'zone:2: example.org. has 2 SOA records; a zone has one (RFC 1035 §5.2)',
    ],
    [
      'no NS',
      HEAD.replaceAll(/@ NS.*\n/g, ''),
      'zone:2: example.org. has no NS; a zone names its servers (RFC 1034 §4.2.1)',
    ],
    ['nothing', '', "example.org.: nothing stands at the zone's own name, example.org. (RFC 1035 §5.2)"],
    [
      'nothing at its apex',
      'a 60 TXT x',
      "zone:1: nothing stands at the zone's own name, example.org. (RFC 1035 §5.2)",
    ],
    [
      'an @ in the mailbox',
      HEAD.replace('hostmaster', 'host@master'),
      'zone:2: the mailbox in the SOA has an @; a dot stands in its place (RFC 1035 §8)',
    ],
    [
      'a primary that is no host',
      HEAD.replace('SOA ns1', 'SOA n_s'),
      'zone:2: SOA of example.org. names n_s.example.org., which is no host name: letters, digits and hyphens within (RFC 1123 §2.1)',
    ],
  ])('%s', (_what, text, fault) => {
    expect(readText(text)).toMatchObject({ records: undefined, errors: [fault] });
  });

  it('a DNAME at the apex and names below it', () => {
    expect(readBehindHead('@ DNAME other.test.').errors).toContain(
      'zone:5: ns1.example.org. stands below the DNAME at example.org.; nothing may (RFC 6672 §2.4)',
    );
  });
});

describe('a record that is there twice', () => {
  it('is told, however many there are', () => {
    const lines = Array.from({ length: 40 }, (_, index) => `a MX ${index % 20} MAIL${index}`);
    lines.push(...lines.map(line => line.toLowerCase()));
    const { errors } = readBehindHead(lines.join('\n'));
    expect(errors.map(error => error.split(':')[1])).toEqual(
      lines.slice(40).map((_, index) => String(46 + index)),
    );
  });
});

describe('a zone without files', () => {
  it('is told by its name', () => {
    const faults = new FaultList();
    const owner = name('a.example.org');
    const rrset = { owner, type: TYPE.A, ttlSeconds: 60, data: [Uint8Array.of(192, 0, 2, 1)] };
    checkZone({ zone: { apex: ORIGIN, rrsets: [rrset] }, places: [] }, faults);
    expect(faults.errors.map(formatZoneFault)).toEqual([
      "example.org.: nothing stands at the zone's own name, example.org. (RFC 1035 §5.2)",
    ]);
  });
});
