import { TYPE } from '../message.ts';
import type { Field, NameRules } from './field.ts';
import { characterString, domainName, fixed, rest } from './wire-fields.ts';

/** RFC 1035 §3.3. */
const OLD: NameRules = { compressible: true, decompress: true, lowerCase: true };
/** Later types in the lists of both RFC 3597 §4 and RFC 4034 §6.2. */
const LISTED: NameRules = { compressible: false, decompress: true, lowerCase: true };
/** RFC 4034 §6.2 alone. */
const LOWER_CASE: NameRules = { compressible: false, decompress: false, lowerCase: true };

/** The fields of each type's data, in their order. Types without a row are strings of bytes (RFC 3597). */
const FIELDS: ReadonlyMap<number, readonly Field[]> = new Map<number, readonly Field[]>([
  [TYPE.NS, [domainName('name server', OLD)]],
  [TYPE.CNAME, [domainName('canonical name', OLD)]],
  [TYPE.SOA, [domainName('primary server', OLD), domainName('mailbox', OLD), fixed('timers', 20)]],
  [TYPE.PTR, [domainName('name', OLD)]],
  [TYPE.MX, [fixed('preference', 2), domainName('exchange', OLD)]],
  [TYPE.SRV, [fixed('priority, weight and port', 6), domainName('target', LISTED)]],
  [TYPE.DNAME, [domainName('target', LOWER_CASE)]],
  [TYPE.RP, [domainName('mailbox', LISTED), domainName('text', LISTED)]],
  [TYPE.AFDB, [fixed('subtype', 2), domainName('host', LISTED)]],
  [TYPE.KX, [fixed('preference', 2), domainName('exchanger', LOWER_CASE)]],
  [
    TYPE.NAPTR,
    [
      fixed('order and preference', 4),
      characterString('flags'),
      characterString('services'),
      characterString('regular expression'),
      domainName('replacement', LISTED),
    ],
  ],
  [TYPE.RRSIG, [fixed('fixed fields', 18), domainName("signer's name", LOWER_CASE), rest('signature')]],
]);

export function fieldsOf(type: number): readonly Field[] | undefined {
  return FIELDS.get(type);
}
