import { describe, expect, it } from 'vitest';
import { digestKey } from '../dnssec/delegation-signer.ts';
import { TYPE } from '../message.ts';
import { formatData } from '../record-types/presentation.ts';
import { checkZone } from './check-zone.ts';
import { FaultList, formatZoneFault } from './fault.ts';
import { HEAD, name, ORIGIN, readBehindHead, readText } from './testing/read-text.ts';

const DIGEST = '00'.repeat(32);
const KEY = `257 3 13 ${'A'.repeat(86)}==`;
const SIGNATURE = `A 13 3 3600 20270101000000 20260101000000 1 example.org. ${'A'.repeat(86)}==`;
const CDS = formatData(TYPE.CDS, digestKey(ORIGIN, Uint8Array.of(1, 1, 3, 13, ...new Uint8Array(64)), 2));

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

const HEAD_LINES = HEAD.split('\n').length - 1;

describe('the owner of a zone is warned of', () => {
  it.each<Case>([
    ['a TXT x\na TXT x', 2, 'the same record of a.example.org. TXT stands here a second time (RFC 2181 §5)'],
    [
      'a MX 1 NS1\na MX 1 ns1',
      2,
      'the same record of a.example.org. MX stands here a second time (RFC 2181 §5)',
    ],
    [
      'a NS ns1\nx.a TXT x',
      2,
      'TXT at x.a.example.org. is hidden by the delegation of a.example.org., and is no address of its servers (RFC 2136 §7.18)',
    ],
    [
      'a NS ns1\nx.a A 192.0.2.1',
      2,
      'A at x.a.example.org. is hidden by the delegation of a.example.org., and is no address of its servers (RFC 2136 §7.18)',
    ],
    [
      'a NS ns1\na MX 1 ns1',
      2,
      'MX at a.example.org. is hidden by the delegation of a.example.org., and is no address of its servers (RFC 2136 §7.18)',
    ],
    [
      'a NS ns1\nx.a NS ns1',
      2,
      'NS at x.a.example.org. is hidden by the delegation of a.example.org., and is no address of its servers (RFC 2136 §7.18)',
    ],
    [
      'a NS x.b\nb NS ns1',
      1,
      'the server x.b.example.org. of a.example.org. has no address here; it stands below b.example.org. (RFC 9471 §2.2)',
    ],
    ['a MX 1 b', 1, 'MX of a.example.org. names b.example.org., which does not exist (RFC 2181 §10.3)'],
    [
      '_a._tcp SRV 1 1 1 b\nb TXT x',
      1,
      'SRV of _a._tcp.example.org. names b.example.org., which has no address (RFC 2181 §10.3)',
    ],
    [
      'a CNAME b',
      1,
      'the CNAME at a.example.org. leads nowhere: nothing stands at b.example.org. (RFC 1034 §3.6.2)',
    ],
    [
      'a CNAME a',
      1,
      'the CNAME at a.example.org. leads nowhere: behind 16 aliases there is no end (RFC 1034 §3.6.2)',
    ],
    [
      '*.a DNAME b.test.',
      1,
      '*.a.example.org. is a wildcard with a DNAME; what it means is not settled (RFC 4592 §4.4)',
    ],
    [
      'a.*.b TXT x',
      1,
      'in a.*.b.example.org. the asterisk is no wildcard: it is not the first label (RFC 4592 §2.1.1)',
    ],
    [
      'a TLSA 3 1 1 ' + DIGEST,
      1,
      'TLSA at a.example.org.: nobody looks for it but below _port._protocol (RFC 6698 §3)',
    ],
    [
      '_https._tcp TLSA 3 1 1 ' + DIGEST,
      1,
      'TLSA at _https._tcp.example.org.: nobody looks for it but below _port._protocol (RFC 6698 §3)',
    ],
    [
      'a SRV 1 1 1 ns1',
      1,
      'SRV at a.example.org.: nobody looks for it but below _service._protocol (RFC 2782)',
    ],
    [
      'a OPENPGPKEY AA==',
      1,
      'OPENPGPKEY at a.example.org.: nobody looks for it but below hash._openpgpkey (RFC 7929 §3)',
    ],
    [
      'a SMIMEA 3 1 1 ' + DIGEST,
      1,
      'SMIMEA at a.example.org.: nobody looks for it but below hash._smimecert (RFC 8162 §3)',
    ],
    ['a DNSKEY ' + KEY, 1, 'DNSKEY at a.example.org. means nothing: it is for the apex (RFC 4035 §2.1)'],
  ])('%s', (lines, line, fault) => {
    const { errors, warnings } = readBehindHead(lines);
    expect({ errors, warnings }).toEqual({ errors: [], warnings: [`zone:${HEAD_LINES + line}: ${fault}`] });
  });

  it.each([
    ['0 3600 1209600 3600', 'refresh and retry in the SOA are above 0 (RFC 1912 §2.2)'],
    [
      '3600 7200 1209600 3600',
      'retry (7200) in the SOA is longer than refresh (3600): it never comes to it (RFC 1912 §2.2)',
    ],
    [
      '7200 3600 10800 3600',
      'expire (10800) in the SOA is not above refresh and retry (7200 + 3600): one failure ends the zone (RFC 1912 §2.2)',
    ],
    [
      '7200 3600 86400 3600',
      'expire (86400) in the SOA is below a week; two to four are right (RFC 1912 §2.2)',
    ],
    [
      '7200 3600 1209600 172800',
      'the last field of the SOA (172800) keeps names unknown for over a day after they came (RFC 2308 §5)',
    ],
  ])('the timers %s', (timers, fault) => {
    const { errors, warnings } = readText(HEAD.replace('7200 3600 1209600 3600', timers));
    expect(errors).toEqual([]);
    expect(warnings).toContain(`zone:2: ${fault}`);
  });
});

describe('a record that is there twice', () => {
  it('is kept once, however many there are', () => {
    const lines = Array.from({ length: 40 }, (_, index) => `a MX ${index % 20} MAIL${index}`);
    lines.push(...lines.map(line => line.toLowerCase()));
    const { records, warnings } = readBehindHead(lines.join('\n'));
    expect(records).toHaveLength(40);
    expect(warnings.filter(warning => warning.includes('a second time'))).toHaveLength(40);
  });
});

describe('nothing is wrong with', () => {
  it.each([
    ['glue at and below a cut', 'a NS a\na NS ns.a\na A 192.0.2.1\nns.a AAAA ::1'],
    ['glue below a sibling', 'a NS x.b\nb NS x.b\nx.b A 192.0.2.1'],
    ['a signed delegation', 'a NS ns1\na DS 1 13 2 ' + DIGEST],
    ['servers and mail elsewhere', 'a NS ns.test.\nb MX 1 mail.test.'],
    ['mail and services below a cut', 'a NS ns.test.\nb MX 1 mail.a'],
    ['a target that a wildcard stands for', '*.w A 192.0.2.1\nb MX 1 x.y.w'],
    [
      'names for services and directories',
      '_dmarc TXT x\n_a CNAME ns1\ngc._msdcs A 192.0.2.1\n* A 192.0.2.1\n_443._tcp TLSA 3 1 1 ' + DIGEST,
    ],
    ['no mail and no service', 'a MX 0 .\n_a._tcp SRV 0 0 0 .'],
    ['a reverse zone of a part of a network (RFC 2317)', '0/25 NS ns.test.\n1 CNAME 1.0/25'],
    ['a request to delete the DS', '@ CDS 0 0 0 00\n@ CDNSKEY 0 3 0 AA=='],
    ['a key and its CDS', `@ DNSKEY ${KEY}\n@ CDS ${CDS}\n@ CDNSKEY ${KEY}`],
    [
      'signatures of different types with the TTLs of these',
      `@ DNSKEY ${KEY}\na 5 TXT x\na 5 RRSIG ${SIGNATURE.replace('A', 'TXT')}\na A 192.0.2.1\na RRSIG ${SIGNATURE}`,
    ],
  ])('%s', (_what, lines) => {
    const { errors, warnings } = readBehindHead(lines);
    expect({ errors, warnings }).toEqual({ errors: [], warnings: [] });
  });

  it('a name twice in different case', () => {
    expect(readBehindHead('a A 192.0.2.1\nA AAAA ::1').records).toHaveLength(2);
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
