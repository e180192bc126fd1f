import { describe, expect, it } from 'vitest';
import { formatHex, parseHex } from '../../../base/bytes.ts';
import { parseName } from '../name.ts';
import { typeNumber } from './mnemonics.ts';
import { formatData, parseData } from './presentation.ts';
import { tokenize } from './testing/tokenize.ts';

const origin = [Uint8Array.from('test', character => character.charCodeAt(0))];

function parsed(type: string, text: string): string {
  const data = parseData(typeNumber(type) ?? 0, tokenize(text), origin);
  return data.ok ? formatHex(data.value) : `refused: ${data.error}`;
}

/** The wire form of a name of plain letters. */
function wire(name: string): string {
  const labels = parseName(name);
  if (!labels.ok) throw new Error(labels.error);
  return `${labels.value.map(label => formatHex(Uint8Array.of(label.length, ...label))).join('')}00`;
}

function hexOf(text: string): string {
  return formatHex(Uint8Array.from(text, character => character.charCodeAt(0)));
}

const key = 'AQNRU3mG7TVTO2BkR47usntb102uFJtugbo6BSGvgqt4AQ==';
const keyHex = formatHex(Uint8Array.fromBase64(key));

describe('the examples of the standards', () => {
  it.each([
    // RFC 1035 §5.3.
    [
      'SOA',
      'VENERA Action\\.domains 20 7200 600 3600000 60',
      `${wire('VENERA.test')}${wire('Action\\.domains.test')}0000001400001c20000002580036ee800000003c`,
    ],
    ['SOA', '@ . 4294967295 2h 10m 5w6d 1H30M', `${wire('test')}00ffffffff00001c200000025800360d8000001518`],
    ['MX', '10 VENERA', `000a${wire('VENERA.test')}`],
    ['A', '10.1.0.52', '0a010034'],
    // RFC 3596 §2.2 with RFC 4291 §2.2.
    ['AAAA', '2001:DB8::192.0.2.1', '20010db80000000000000000c0000201'],
    // RFC 1183.
    ['RP', 'louie.trantor.umd.edu. .', `${wire('louie.trantor.umd.edu')}00`],
    // RFC 1876 §4.
    ['LOC', '42 21 54 N 71 06 18 W -24m 30m', '0033161389172dd070be15f000988d20'],
    ['LOC', '42 21 28.764 N 71 00 51.617 W -44m 2000m', '002516138916cb3c70c310df00988550'],
    // RFC 2782.
    ['SRV', '1 0 9 server.example.com.', `000100000009${wire('server.example.com')}`],
    // RFC 3123 §5.
    ['APL', '1:192.168.32.0/21 !1:192.168.38.0/28', '00011503c0a82000011c83c0a826'],
    ['APL', '1:224.0.0.0/4 2:FF00:0:0:0:0:0:0:0/8', '00010401e000020801ff'],
    ['APL', '', ''],
    // RFC 3403 §6.2.
    [
      'NAPTR',
      '100 50 "s" "z3950+I2L+I2C" "" _z3950._tcp.gatech.edu.',
      `0064003201730d${hexOf('z3950+I2L+I2C')}00${wire('_z3950._tcp.gatech.edu')}`,
    ],
    // RFC 4025 §3.2.
    ['IPSECKEY', `10 1 2 192.0.2.38 ${key}`, `0a0102c0000226${keyHex}`],
    ['IPSECKEY', `10 0 2 . ${key}`, `0a0002${keyHex}`],
    ['IPSECKEY', `10 3 2 mygateway.example.com. ${key}`, `0a0302${wire('mygateway.example.com')}${keyHex}`],
    ['IPSECKEY', `10 2 2 2001:0DB8:0:8002::2000:1 ${key}`, `0a020220010db8000080020000000020000001${keyHex}`],
    // RFC 4034 §3.3, §4.3 and §5.4.
    [
      'RRSIG',
      'A 5 3 86400 20030322173103 20030220173103 2642 example.com. oJB1W6WNGv+ldvQ3 WDG0',
      `00010503000151803e7c9dd73e5510d70a52${wire('example.com')}a090755ba58d1affa576f4375831b4`,
    ],
    [
      'NSEC',
      'host.example.com. A MX RRSIG NSEC TYPE1234',
      `${wire('host.example.com')}0006400100000003041b${'00'.repeat(26)}20`,
    ],
    [
      'DS',
      '60485 5 1 2BB183AF5F22588179A53B0A 98631FAD1A292118',
      'ec4505012bb183af5f22588179a53b0a98631fad1a292118',
    ],
    ['DNSKEY', '256 3 RSASHA1 AQPSKmyn fzW4', '010003050103d22a6ca77f35b8'],
    // RFC 4255 §3.2.
    ['SSHFP', '2 1 123456789abcdef67890123456789abcdef67890', '0201123456789abcdef67890123456789abcdef67890'],
    // RFC 5155 App. A.
    [
      'NSEC3',
      '1 1 12 aabbccdd 2t7b4g4vsa5smi47k61mv5bv1a22bojr MX DNSKEY NS SOA NSEC3PARAM RRSIG',
      '0101000c04aabbccdd14174eb2409fe28bcb4887a1836f957f0a8425e27b000722010000000290',
    ],
    ['NSEC3PARAM', '1 0 12 aabbccdd', '0100000c04aabbccdd'],
    ['NSEC3PARAM', '1 0 0 -', '0100000000'],
    // RFC 6742 §2.
    ['NID', '10 0014:4fff:ff20:ee64', '000a00144fffff20ee64'],
    ['L64', '10 2001:DB8:1140:1000', '000a20010db811401000'],
    // RFC 7043 §3.2 and §4.2.
    ['EUI48', '00-00-5e-00-53-2a', '00005e00532a'],
    ['EUI64', '00-00-5e-ef-10-00-00-2a', '00005eef1000002a'],
    // RFC 7477 §2.1.1.
    ['CSYNC', '66 3 A NS AAAA', '000000420003000460000008'],
    // RFC 7553 §4.5.
    ['URI', '10 1 "ftp://ftp1.example.com/public"', `000a0001${hexOf('ftp://ftp1.example.com/public')}`],
    // RFC 8078 §4: deletion.
    ['CDS', '0 0 0 0', 'refused: CDS, digest: "0" is not hexadecimal digits, two for each byte'],
    ['CDS', '0 0 0 00', '0000000000'],
    ['CDNSKEY', '0 3 0 AA==', '0000030000'],
    // RFC 8659 §4.1.1.
    [
      'CAA',
      '0 issue "ca1.example.net; account=230123"',
      `00056973737565${hexOf('ca1.example.net; account=230123')}`,
    ],
    ['CAA', '0 issue ";"', '000569737375653b'],
    ['CAA', '128 tbs "Unknown"', `8003746273${hexOf('Unknown')}`],
    // RFC 9859 §2.3.
    ['DSYNC', 'CDS NOTIFY 5359 cds-scanner.example.net.', `003b0114ef${wire('cds-scanner.example.net')}`],
  ])('%s %s', (type, text, expected) => {
    expect(parsed(type, text)).toBe(expected);
  });

  it('are read in the form of unknown types (RFC 3597 §5)', () => {
    expect(parsed('TYPE731', '\\# 6 abcd ef 01 23 45')).toBe('abcdef012345');
    expect(parsed('TYPE62347', '\\# 0')).toBe('');
    expect(parsed('A', '\\# 4 0A000001')).toBe('0a000001');
    expect(parsed('TYPE1', '10.0.0.2')).toBe('0a000002');
    expect(formatData(731, Uint8Array.of(0xab, 1))).toBe('\\# 2 AB01');
    expect(formatData(731, new Uint8Array())).toBe('\\# 0');
  });
});

describe('what is written', () => {
  it.each([
    ['SOA', '@ a.b 1 2h 3 4 5', 'test. a.b.test. 1 7200 3 4 5'],
    ['TXT', 'plain "with ; blank" "\\"\\\\\\010\\200" ""', '"plain" "with ; blank" "\\"\\\\\\010\\200" ""'],
    ['TXT', 'gr\u00fc\u00df', '"gr\\195\\188\\195\\159"'],
    ['AAAA', '2001:DB8:0:0:0:0:0:1', '2001:db8::1'],
    ['NS', '\\097b\\"c\\.d', 'ab\\034c\\.d.test.'],
    ['NS', 'a\\\\.', 'a\\\\.'],
    ['NS', 'a\\.', 'a\\..test.'],
    ['NS', '.', '.'],
    ['LOC', '0 N 0 E 0', '0 0 0.000 N 0 0 0.000 E 0.00m 1.00m 10000.00m 10.00m'],
    [
      'RRSIG',
      'MX ED25519 2 1h 19691231235959 4294967295 7 . AA==',
      'MX 15 2 3600 21060207062815 21060207062815 7 . AA==',
    ],
    ['CERT', 'PKIX 12 RSASHA256 AA==', '1 12 8 AA=='],
    ['NSEC3', '1 0 0 - 2t7b4g4vsa5smi47k61mv5bv1a22bojr', '1 0 0 - 2T7B4G4VSA5SMI47K61MV5BV1A22BOJR'],
  ])('for %s %s', (type, text, expected) => {
    const bytes = parseHex(parsed(type, text));
    expect(bytes === undefined ? parsed(type, text) : formatData(typeNumber(type)!, bytes)).toBe(expected);
  });
});

describe('a fault', () => {
  it.each([
    ['A', '192.0.2.256', 'A, address: "192.0.2.256" is not an IPv4 address such as 192.0.2.1'],
    ['A', '2001:db8::1', 'A, address: "2001:db8::1" is not an IPv4 address such as 192.0.2.1'],
    [
      'A',
      '"192.0.2.1"',
      'A, address: "192.0.2.1" is quoted; right would be an IPv4 address such as 192.0.2.1, without quotes',
    ],
    ['AAAA', '', 'AAAA, address: it is missing; right would be an IPv6 address such as 2001:db8::1'],
    ['MX', 'mail', 'MX, preference: "mail" is not a number from 0 to 65535'],
    ['MX', '65536 mail', 'MX, preference: "65536" is not a number from 0 to 65535'],
    ['MX', '10 a..b', 'MX, exchange: an empty label'],
    ['MX', '10 mail extra', 'MX: "extra" stands after the last field'],
    [
      'NS',
      'a"b"',
      'NS, name server: "a\\"b\\"" has a quotation mark in it; right would be a domain name, with a final dot or to stand below the origin',
    ],
    ['TXT', '', 'TXT, text: it is missing; right would be a text, "" where it is empty'],
    [
      'TXT',
      'a\\25',
      'TXT, text: "a\\\\25": a backslash stands before one character or three digits up to 255',
    ],
    ['TXT', `"${'x'.repeat(256)}"`, 'TXT, text: a text of 256 bytes; right would be several of at most 255'],
    [
      'DS',
      '1 13 2 00',
      'DS, digest: it is not hexadecimal digits, two for each byte, as many as its type gives',
    ],
    [
      'DNSKEY',
      '257 3 ECDSA AA==',
      'DNSKEY, algorithm: "ECDSA" is not a number from 0 to 255 or one of DELETE',
    ],
    ['DNSKEY', '257 3 13 A A=', 'DNSKEY, public key: "A A=" is not base64 with its padding'],
    ['DNSKEY', '257 3 13 AB==', 'DNSKEY, public key: "AB==" is not base64 with its padding'],
    ['ZONEMD', '1 1 99 00', 'ZONEMD, digest: it is not hexadecimal digits, two for each byte, as many'],
    ['URI', '1 1 foo', 'URI, target: foo is not a text in quotes'],
    ['URI', '1 1 ""', 'URI, target: it is not a text in quotes that is not empty'],
    ['KEY', '256 3 13', 'KEY, public key: it is not base64 with its padding, or nothing where'],
    ['KEY', '49152 3 13 AA==', 'KEY: 1 bytes after the last field'],
    ['NSEC', 'a. A BOGUS', 'NSEC, types: "BOGUS" is not a record type\'s mnemonic, nor TYPE and a number'],
    ['NSEC', 'a.', "NSEC, types: it is not one or more record types' mnemonics"],
    ['CAA', '0 is-sue ";"', 'CAA, tag: "is-sue" is not 1 to 255 letters and digits'],
    [
      'RRSIG',
      'A 13 2 60 20260230000000 0 1 . AA==',
      'RRSIG, signature expiration: "20260230000000" is not a time',
    ],
    ['RRSIG', 'A 13 1 60 1 0 1 a.b. AA==', "RRSIG, signer's name: it is not a domain name of no more labels"],
    ['APL', '1:192.0.2.0/33', 'APL, address prefixes: "1:192.0.2.0/33" is none of'],
    ['LOC', '91 N 0 E 0', 'LOC, location: "91 N 0 E 0" is not such as'],
    ['IPSECKEY', '1 4 2 . AA==', 'IPSECKEY, gateway: the gateway type before it is not 0, 1, 2 or 3'],
    ['NAPTR', '1 1 "" "" "!a!\\\\1!" .', 'NAPTR, regular expression: it is not a substitution'],
    [
      'HIP',
      '2 200 AwEA AwEA',
      'HIP, host identity: "200" is not a host identity tag of 1 to 255 bytes in hexadecimal',
    ],
    ['A', '\\# 3 0A000001', '\\#: 3 bytes are said and 4 are there'],
    ['A', '\\# 5 0A00000100', 'A: 1 bytes after the last field'],
    ['TYPE731', '1 2', 'data of TYPE731 is written as \\# LENGTH HEX'],
    ['ANY', '\\# 0', 'ANY is for messages; a zone has no records of it'],
  ])('in %s %s says what and what would be right', (type, text, expected) => {
    expect(parsed(type, text).slice(0, `refused: ${expected}`.length)).toBe(`refused: ${expected}`);
  });
});
