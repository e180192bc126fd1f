import { existsSync, readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseName } from '../../shared/protocols/dns/name.ts';
import { formatZoneFault } from '../../shared/protocols/dns/zone-file/fault.ts';
import { formatZone } from '../../shared/protocols/dns/zone-file/format-zone.ts';
import { readZone } from '../../shared/protocols/dns/zone-file/read-zone.ts';
import { createScratch, type Scratch } from '../images/scratch.ts';
import { dumpByBind, refusalsOf, ZONE } from './zone-file-checkers.ts';

let scratch: Scratch;
beforeAll(async () => {
  scratch = await createScratch();
});
afterAll(() => scratch[Symbol.asyncDispose]());

/** A zone without faults. */
const HEAD = [
  '$TTL 3600',
  '@ SOA ns1 hostmaster 1 7200 3600 1209600 3600',
  '@ NS ns1',
  'ns1 A 192.0.2.1',
  '',
].join('\n');

const DIGEST = '00'.repeat(32);
const KEY = `257 3 13 ${'A'.repeat(86)}==`;

/** What stands behind the head of a zone that at least one name server refuses. */
const refused: readonly string[] = [
  // Aliases.
  ...[
    'a CNAME b\na A 192.0.2.1\nb A 192.0.2.1',
    'a CNAME b\na CNAME ns1\nb A 192.0.2.1',
    '@ CNAME a\na A 192.0.2.1',
  ],
  ...[
    'a DNAME b\na DNAME c',
    'a DNAME b\nx.a A 192.0.2.1',
    'a DNAME b\na NS ns.other.test.',
    'a DNAME b\na CNAME b',
  ],
  '@ DNAME other.test.',
  // Zone and delegations.
  ...[
    '@ SOA ns2 x 1 7200 3600 1209600 3600',
    'a SOA ns1 x 1 7200 3600 1209600 3600',
    'a.other.test. A 192.0.2.1',
  ],
  ...['a NS ns.a', 'a NS ns2\nns2 CNAME ns1', 'a NS ns2', '*.a NS ns.other.test.', '@ NS 192.0.2.1'],
  ...['@ NS ns2', '@ NS ns2\nns2 TXT x', '@ NS ns2\nns2 CNAME ns1', '@ NS ns2.d\nd DNAME e'],
  // DNSSEC.
  ...[`@ DS 1 13 2 ${DIGEST}`, 'a NS ns.other.test.\na DS 1 13 2 00', 'a NS ns.other.test.\na DS 1 13 99 00'],
  ...[`@ CDS 1 13 2 ${DIGEST}`, `@ CDS 0 0 0 00\n@ CDS 1 13 2 ${DIGEST}`, `@ CDNSKEY ${KEY}`],
  // Names.
  ...[
    '_foo A 192.0.2.1',
    'a._foo A 192.0.2.1',
    'a_b AAAA ::1',
    '-foo A 192.0.2.1',
    'a.*.b A 192.0.2.1',
    '_foo MX 10 ns1',
  ],
  ...['@ MX 10 m_x\nm_x TXT x', '@ NS n_s\nn_s TXT x', '_a._tcp SRV 1 1 1 m_x\nm_x TXT x'],
  ...[
    `${'a'.repeat(64)} TXT x`,
    `${`${'a'.repeat(60)}.`.repeat(5)}a TXT x`,
    'a..b TXT x',
    '.a TXT x',
    'a\\300 TXT x',
  ],
  ...['"a" TXT x', 'a CNAME "ns1"'],
  // Words.
  ...[
    'a TXT ( x',
    'a TXT x )',
    'a TXT "x',
    'a TXT "x\ny"',
    'a TXT "x""y"',
    'a TXT "x"y',
    'a TXT x"y"',
    'a TXT x"y',
  ],
  ...[
    'a TXT x\\',
    'a TXT \\300',
    'a TXT \\12',
    'a TXT x\u0001y',
    'a TXT x\fy',
    'a TXT x\vy',
    'a TXT x\u0000y',
  ],
  // Owner, class, TTL and type.
  ...[
    'a FOO x',
    'a CH TXT x',
    'a HS TXT x',
    'a ANY TXT x',
    'a CLASS2 TXT x',
    'a IN IN TXT x',
    'a "TXT" x',
    'a',
    'a 60 IN',
  ],
  ...['a 60 60 TXT x', 'a 1h30 TXT x', 'a 99999999999 TXT x', 'a -1 TXT x', 'a 1.5 TXT x', 'a 1y TXT x'],
  ...[
    'a OPT x',
    'a ANY x',
    'a AXFR x',
    'a TSIG x',
    'a TYPE41 \\# 0',
    'a TYPE255 \\# 0',
    'a TYPE0 \\# 0',
    'a TYPE249 \\# 0',
  ],
  ...['a NULL \\# 1 00', 'a TYPE128 \\# 0', 'a TYPE65536 \\# 0', 'a TYPE1234 \\# 3 00', 'a A \\# 3 000000'],
  // Data.
  ...[
    'a TXT',
    'a A',
    'a A 192.0.2.1 x',
    'a A 1.2.3',
    'a A "192.0.2.1"',
    'a AAAA 1::2::3',
    'a MX x ns1',
    'a MX 65536 ns1',
  ],
  ...[
    `a TXT ${'x'.repeat(256)}`,
    'a CAA 0 "is sue" x',
    'a CAA 0 is-sue x',
    'a LOC 95 0 0 N 4 0 0 E 0m',
    'a HINFO x',
  ],
  ...['a SSHFP 1 1 00', 'a HTTPS 1 . mandatory=alpn', 'a HTTPS 1 . port=1 port=2'],
  // Directives.
  ...[
    '$FOO x',
    '$ORIGIN',
    '$ORIGIN sub\na TXT x',
    '$TTL x',
    '$TTL 1 2',
    ' $ORIGIN sub.lares.test.',
    '"$ORIGIN" sub',
  ],
  ...['$INCLUDE nowhere', '$INCLUDE', '$INCLUDE a b c', '$INCLUDE zone'],
  ...['$GENERATE 3-1 h$ A 192.0.2.$', '$GENERATE 1 h$ A 192.0.2.$', '$GENERATE 1-2 h${x} A 192.0.2.$'],
  ...[
    '$GENERATE 1-2 h$ MX 10 ns1',
    '$GENERATE 1-2 h$ A',
    '$GENERATE 1-2/0 h$ A 192.0.2.$',
    '$GENERATE 1-2 h${0,2,q} TXT $',
  ],
  ...['$GENERATE 1-2 h${0 TXT x', '$GENERATE 1-2 h${0,80} TXT x'],
];

const refusedWhole: Readonly<Record<string, string>> = {
  'an empty file': '',
  'no SOA': HEAD.replace(/@ SOA.*\n/, ''),
  'no NS': HEAD.replace('@ NS ns1\n', ''),
  'records before any TTL': `ns1 A 192.0.2.1\n@ NS ns1\n${HEAD.replace('$TTL 3600\n', '')}`,
  'a blank owner at the beginning': ` A 192.0.2.1\n${HEAD}`,
  'an @ in the mailbox': HEAD.replace('hostmaster', 'host@master'),
  'a serial of 33 bits': HEAD.replace('hostmaster 1', 'hostmaster 4294967296'),
  'a primary that is no host': HEAD.replace('SOA ns1', 'SOA n_s'),
};

const accepted: Readonly<Record<string, string>> = {
  nothing: '',
  'hosts, mail and services': [
    'a 1h A 192.0.2.2 ; comment',
    '  IN 60 AAAA 2001:db8::1',
    '@ MX 10 mail\nmail A 192.0.2.3\n  AAAA ::3',
    '_sip._tcp SRV 1 2 5060 mail',
    '_443._tcp.mail TLSA 3 1 1 ' + DIGEST,
    '_dmarc TXT "v=DMARC1; p=none" plain\\;word "\\"quoted\\" \\\\ \\255"',
    'www HTTPS 1 . alpn="h2,h3" port=8443',
    'www2 HTTPS 0 www.other.test.',
    '@ CAA 0 issue "letsencrypt.org"',
    '@ NAPTR 100 10 "u" "E2U+sip" "!^.*$!sip:info@example.org!" .',
    'alias CNAME a\n* TXT wild\ndeep.empty.names TXT x',
    'old SSHFP 4 2 ( 00000000000000000000000000000000\n 00000000000000000000000000000000 )',
    'x TYPE65280 \\# 3 00 0102',
    'escaped\\.dot.a\\@b\\032c TXT x\n\\$dollar TXT x\n\\097 TXT x',
  ].join('\n'),
  'delegations with glue and DS': [
    'sub NS ns.sub\n  NS ns.other.test.\nns.sub A 192.0.2.9\n  AAAA ::9',
    `sub DS 12345 13 2 ${DIGEST}`,
    '0/25 NS ns.other.test.\n1 CNAME 1.0/25',
    'moved DNAME elsewhere.test.',
  ].join('\n'),
  'origins and TTLs': [
    '$ORIGIN sub.lares.test.\na TXT a\n  TXT b\n$TTL 1w2d\n@ TXT c\n$ORIGIN lares.test.\n@ TXT d',
    '$TTL 5\ne TXT e\nf 7 TXT f\ng TXT g',
  ].join('\n'),
};

/** Zones that one of the servers refuses for want of a feature, or out of a taste that the standards do not share. */
const argued: Readonly<Record<string, readonly [zone: string, refusedBy: readonly string[]]>> = {
  // NSD and Knot do not have the directive.
  $GENERATE: [
    `${HEAD}$GENERATE 1-9/2 h\${0,3,d} 60 A 192.0.2.$\n$GENERATE 0-1 \${0,4,n}x PTR h$\n$GENERATE 4-5 m$ MX "10 ns1"\n`,
    ['NSD', 'Knot'],
  ],
  // RFC 3597 §5: it is IN by its number.
  CLASS1: [`${HEAD}a CLASS1 TXT x\n`, ['Knot']],
  // Line ends as other systems write them.
  'line ends of Windows': [`${HEAD}a TXT x\n`.replaceAll('\n', '\r\n'), ['Knot']],
  // RFC 1035 §3.3: a character-string is any bytes.
  'UTF-8 in a string': [`${HEAD}a TXT "é"\n`, ['Knot']],
};

async function put(text: string): Promise<string> {
  const file = join(scratch.path, 'zone');
  await writeFile(file, text);
  return file;
}

const origin = parseName(ZONE);
if (!origin.ok) throw new Error(origin.error);

function readByUs(file: string): ReturnType<typeof readZone> {
  const read = (name: string): string | undefined =>
    existsSync(name) ? readFileSync(name, 'utf8') : undefined;
  return readZone({ file, read, origin: origin.ok ? origin.value : [] });
}

function errorsOfOurs(file: string): string[] {
  const read = readByUs(file);
  return read.ok ? [] : read.error.errors.map(formatZoneFault);
}

describe('what BIND, NSD or Knot refuse, we refuse, with file and line', () => {
  const cases = [
    ...refused.map(lines => [lines, `${HEAD}${lines}\n`] as const),
    ...Object.entries(refusedWhole),
  ];
  it.each(cases)('%s', async (_what, text) => {
    const file = await put(text);
    expect(await refusalsOf(file)).not.toEqual({});
    const [error = 'nothing'] = errorsOfOurs(file);
    expect(error).toMatch(text === '' ? /^lares\.test\.: ./ : /\/zone:\d+: .* \(.+\)$/);
  });
});

describe('what all of them accept, we accept, and write so that all of them do', () => {
  it.each(Object.entries(accepted))('%s', async (_what, lines) => {
    const file = await put(HEAD + lines);
    expect(await refusalsOf(file)).toEqual({});
    expect(errorsOfOurs(file)).toEqual([]);
    await expectWrittenEqual(file);
  });

  it.each(Object.entries(argued))('or argue why: %s', async (_what, [text, refusedBy]) => {
    const file = await put(text);
    expect(Object.keys(await refusalsOf(file))).toEqual(refusedBy);
    expect(errorsOfOurs(file)).toEqual([]);
    await expectWrittenEqual(file);
  });
});

/** BIND reads the same zone from the file and from what we make of it, and nobody refuses that. */
async function expectWrittenEqual(file: string): Promise<void> {
  const read = readByUs(file);
  if (!read.ok) throw new Error('refused');
  const before = await dumpByBind(file);
  const written = await put(formatZone(read.value.zone));
  expect(before.length).toBeGreaterThan(2);
  expect(await dumpByBind(written)).toEqual(before);
  expect(await refusalsOf(written)).toEqual({});
}
