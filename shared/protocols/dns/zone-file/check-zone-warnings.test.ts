import { describe, expect, it } from 'vitest';
import { digestKey } from '../dnssec/delegation-signer.ts';
import { TYPE } from '../message.ts';
import { formatData } from '../record-types/presentation.ts';
import { HEAD, ORIGIN, readBehindHead, readText } from './testing/read-text.ts';

const DIGEST = '00'.repeat(32);
const KEY = `257 3 13 ${'A'.repeat(86)}==`;
const SIGNATURE = `A 13 3 3600 20270101000000 20260101000000 1 example.org. ${'A'.repeat(86)}==`;
const CDS = formatData(TYPE.CDS, digestKey(ORIGIN, Uint8Array.of(1, 1, 3, 13, ...new Uint8Array(64)), 2));

const HEAD_LINES = HEAD.split('\n').length - 1;

/** Lines behind the head of a zone, and what the fault of the line numbered behind it says. */
type Case = readonly [lines: string, line: number, fault: string];

describe('the owner of a zone is warned of', () => {
  it.each<Case>([
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
      'a HTTPS 0 ns1\na HTTPS 0 b.test.',
      1,
      'HTTPS of a.example.org. has 2 aliases; one is taken by chance (RFC 9460 §2.4.2)',
    ],
    [
      'a SVCB 0 ns1\na SVCB 1 ns1',
      1,
      'SVCB of a.example.org. has an alias, so that all ignore the services beside it (RFC 9460 §2.4.1)',
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

  it('proofs of a signed zone below a DNAME at its apex', () => {
    const { errors } = readText(
      [
        '$TTL 3600',
        '@ SOA ns.test. x.test. 1 7200 3600 1209600 3600',
        '@ NS ns.test.',
        '@ DNAME elsewhere.test.',
        `@ DNSKEY ${KEY}`,
        '@ NSEC3PARAM 1 0 0 -',
        `0p9mhaveqvm6t7vbl5lop2u3t2rp3tom NSEC3 1 0 0 - 0p9mhaveqvm6t7vbl5lop2u3t2rp3ton SOA`,
      ].join('\n'),
    );
    expect(errors).toEqual([]);
  });

  it('a name twice in different case', () => {
    expect(readBehindHead('a A 192.0.2.1\nA AAAA ::1').records).toHaveLength(2);
  });
});
