import { TYPE } from '../message.ts';
import { ipv4, ipv6 } from './addresses.ts';
import { addressPrefixes } from './address-prefixes.ts';
import { typeBitmap } from './bitmap.ts';
import {
  base64ToEnd,
  colonGroups,
  digestToEnd,
  hashedOwner,
  hexToEnd,
  hyphenatedBytes,
  keyUnlessFlagged,
  salt,
} from './blobs.ts';
import type { Field, NameRules } from './field.ts';
import { hostIdentity } from './host-identity.ts';
import { ipsecGateway, ipsecKey } from './ipsec-key.ts';
import { location } from './location.ts';
import { CERTIFICATE_TYPES, DNSSEC_ALGORITHMS, DSYNC_SCHEMES } from './mnemonic-values.ts';
import { domainName, signerName } from './names.ts';
import { recordType, seconds, u16, u32, u8 } from './numbers.ts';
import { characterString, characterStrings, quotedTextToEnd, tag, textToEnd } from './strings.ts';
import { substitution } from './substitution.ts';
import { serviceParameters } from './svc-params.ts';
import { time } from './times.ts';

/** RFC 1035 §3.3. */
const OLD: NameRules = { compressible: true, decompress: true, lowerCase: true };
/** Later types in the lists of both RFC 3597 §4 and RFC 4034 §6.2. */
const LISTED: NameRules = { compressible: false, decompress: true, lowerCase: true };
// DEVIATES from RFC 4034 §6.2: NXT and A6, historic both, have no row here, so that names in their data keep their case.
/** In RFC 4034 §6.2 alone. */
const LOWER_CASE: NameRules = { compressible: false, decompress: false, lowerCase: true };
/** RFC 3597 §4 and §7: names in new types are never compressed, and keep their case. */
const PLAIN: NameRules = { compressible: false, decompress: false, lowerCase: false };

/** RFC 4034 §5.1, 4509, 6605: SHA-1, SHA-256 and SHA-384. */
const DS_DIGEST_BYTES = { 1: 20, 2: 32, 4: 48 };

/** RFC 4255 §3.1.2, 6594 §4: SHA-1 and SHA-256. */
const FINGERPRINT_BYTES = { 1: 20, 2: 32 };

/** RFC 8976 §2.2.3: SHA-384 and SHA-512; §2.2.4: no digest is shorter. */
const ZONE_DIGEST_BYTES = { 1: 48, 2: 64 };
const ZONE_DIGEST_MIN_BYTES = 12;

const SIGNATURE: readonly Field[] = [
  recordType('type covered'),
  u8('algorithm', DNSSEC_ALGORITHMS),
  u8('labels'),
  seconds('original TTL'),
  time('signature expiration'),
  time('signature inception'),
  u16('key tag'),
];
const KEY: readonly Field[] = [u16('flags'), u8('protocol'), u8('algorithm', DNSSEC_ALGORITHMS)];
const DELEGATION_SIGNER: readonly Field[] = [
  u16('key tag'),
  u8('algorithm', DNSSEC_ALGORITHMS),
  u8('digest type'),
  digestToEnd('digest', DS_DIGEST_BYTES),
];
const CERTIFICATE_ASSOCIATION: readonly Field[] = [
  u8('certificate usage'),
  u8('selector'),
  u8('matching type'),
  hexToEnd('certificate association data'),
];
const SERVICE_BINDING: readonly Field[] = [
  u16('priority'),
  domainName('target name', PLAIN),
  serviceParameters('parameters'),
];
const NSEC3_HASHING: readonly Field[] = [u8('hash algorithm'), u8('flags'), u16('iterations'), salt('salt')];

/** The fields of each type's data, in their order. */
const FIELDS: ReadonlyMap<number, readonly Field[]> = new Map<number, readonly Field[]>([
  // RFC 1035 §3.3 and §3.4.
  [TYPE.A, [ipv4('address')]],
  [TYPE.NS, [domainName('name server', OLD)]],
  [TYPE.MD, [domainName('mail destination', OLD)]],
  [TYPE.MF, [domainName('mail forwarder', OLD)]],
  [TYPE.CNAME, [domainName('canonical name', OLD)]],
  [
    TYPE.SOA,
    [
      domainName('primary name server', OLD),
      domainName('mailbox of the person responsible', OLD),
      u32('serial'),
      ...['refresh', 'retry', 'expire', 'minimum'].map(seconds),
    ],
  ],
  [TYPE.MB, [domainName('mailbox', OLD)]],
  [TYPE.MG, [domainName('mail group member', OLD)]],
  [TYPE.MR, [domainName('new mailbox', OLD)]],
  [TYPE.PTR, [domainName('name', OLD)]],
  [TYPE.HINFO, [characterString('CPU'), characterString('operating system')]],
  [TYPE.MINFO, [domainName('mailbox of the person responsible', OLD), domainName('mailbox for errors', OLD)]],
  [TYPE.MX, [u16('preference'), domainName('exchange', OLD)]],
  [TYPE.TXT, [characterStrings('text')]],
  // RFC 1183.
  [TYPE.RP, [domainName('mailbox', LISTED), domainName('name with TXT records', LISTED)]],
  [TYPE.AFSDB, [u16('subtype'), domainName('host', LISTED)]],
  [TYPE.RT, [u16('preference'), domainName('intermediate host', LISTED)]],
  // RFC 2535, read as their successors are: RFC 3755 §3.
  [TYPE.SIG, [...SIGNATURE, domainName("signer's name", LISTED), base64ToEnd('signature')]],
  [TYPE.KEY, [...KEY, keyUnlessFlagged('public key')]],
  // RFC 2163 §4.
  [TYPE.PX, [u16('preference'), domainName('MAP822', LISTED), domainName('MAPX400', LISTED)]],
  // RFC 3596 §2.2.
  [TYPE.AAAA, [ipv6('address')]],
  // RFC 1876.
  [TYPE.LOC, [location('location')]],
  // RFC 2782; RFC 3597 §4 lets receivers decompress the target.
  [TYPE.SRV, [u16('priority'), u16('weight'), u16('port'), domainName('target', LISTED)]],
  // RFC 3403 §4.1.
  [
    TYPE.NAPTR,
    [
      u16('order'),
      u16('preference'),
      characterString('flags'),
      characterString('services'),
      substitution('regular expression'),
      domainName('replacement', LISTED),
    ],
  ],
  // RFC 2230 §3.
  [TYPE.KX, [u16('preference'), domainName('exchanger', LOWER_CASE)]],
  // RFC 4398 §2.
  [
    TYPE.CERT,
    [
      u16('type', CERTIFICATE_TYPES),
      u16('key tag'),
      u8('algorithm', DNSSEC_ALGORITHMS),
      base64ToEnd('certificate or revocation list'),
    ],
  ],
  // RFC 6672 §2.1: the target MUST be sent uncompressed.
  [TYPE.DNAME, [domainName('target', LOWER_CASE)]],
  // RFC 3123.
  [TYPE.APL, [addressPrefixes('address prefixes')]],
  // RFC 4034, 7344 and 8078.
  [TYPE.DS, DELEGATION_SIGNER],
  [TYPE.RRSIG, [...SIGNATURE, signerName("signer's name", LOWER_CASE), base64ToEnd('signature')]],
  // RFC 6840 §5.1: the name in NSEC keeps its case, other than RFC 4034 §6.2 says.
  [TYPE.NSEC, [domainName('next domain name', PLAIN), typeBitmap('types', { mayBeEmpty: false })]],
  [TYPE.DNSKEY, [...KEY, base64ToEnd('public key')]],
  // RFC 8078 §4: an algorithm of 0 with one zero byte asks for deletion, so that its digest has a length of its own.
  [TYPE.CDS, DELEGATION_SIGNER],
  [TYPE.CDNSKEY, [...KEY, base64ToEnd('public key')]],
  // RFC 4255 §3.1.
  [TYPE.SSHFP, [u8('algorithm'), u8('fingerprint type'), digestToEnd('fingerprint', FINGERPRINT_BYTES)]],
  // RFC 4025 §2.
  [
    TYPE.IPSECKEY,
    [u8('precedence'), u8('gateway type'), u8('algorithm'), ipsecGateway('gateway'), ipsecKey('public key')],
  ],
  // RFC 4701 §3.1.
  [TYPE.DHCID, [base64ToEnd('digest')]],
  // RFC 5155 §3 and §4: an empty non-terminal has no types.
  [
    TYPE.NSEC3,
    [...NSEC3_HASHING, hashedOwner('next hashed owner name'), typeBitmap('types', { mayBeEmpty: true })],
  ],
  [TYPE.NSEC3PARAM, NSEC3_HASHING],
  // RFC 6698 §2.1 and RFC 8162 §2.
  [TYPE.TLSA, CERTIFICATE_ASSOCIATION],
  [TYPE.SMIMEA, CERTIFICATE_ASSOCIATION],
  // RFC 8005 §5.
  [TYPE.HIP, [hostIdentity('host identity')]],
  // RFC 7929 §2.1.
  [TYPE.OPENPGPKEY, [base64ToEnd('public key')]],
  // RFC 7477 §2.1.
  [TYPE.CSYNC, [u32('serial'), u16('flags'), typeBitmap('types', { mayBeEmpty: true })]],
  [
    TYPE.ZONEMD,
    [
      u32('serial'),
      u8('scheme'),
      u8('hash algorithm'),
      digestToEnd('digest', ZONE_DIGEST_BYTES, ZONE_DIGEST_MIN_BYTES),
    ],
  ],
  // RFC 9460 §2.
  [TYPE.SVCB, SERVICE_BINDING],
  [TYPE.HTTPS, SERVICE_BINDING],
  // RFC 9859 §2.1.
  [TYPE.DSYNC, [recordType('type'), u8('scheme', DSYNC_SCHEMES), u16('port'), domainName('target', PLAIN)]],
  // RFC 7208 §3.1: as TXT.
  [TYPE.SPF, [characterStrings('text')]],
  // RFC 6742 §2.
  [TYPE.NID, [u16('preference'), colonGroups('node identifier')]],
  [TYPE.L32, [u16('preference'), ipv4('locator')]],
  [TYPE.L64, [u16('preference'), colonGroups('locator')]],
  [TYPE.LP, [u16('preference'), domainName('name with locators', PLAIN)]],
  // RFC 7043 §3 and §4.
  [TYPE.EUI48, [hyphenatedBytes('address', 6)]],
  [TYPE.EUI64, [hyphenatedBytes('address', 8)]],
  // RFC 7553 §4.
  [TYPE.URI, [u16('priority'), u16('weight'), quotedTextToEnd('target')]],
  // RFC 8659 §4.1.
  [TYPE.CAA, [u8('flags'), tag('tag'), textToEnd('value')]],
  // Cisco's, as TXT.
  [TYPE.AVC, [characterStrings('text')]],
]);

/** The fields of the type's data, or undefined where it is a string of bytes to this code (RFC 3597). */
export function fieldsOf(type: number): readonly Field[] | undefined {
  return FIELDS.get(type);
}
