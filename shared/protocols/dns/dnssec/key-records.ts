import { TYPE } from '../message.ts';
import type { Name } from '../name.ts';
import { compareBytes, type RRset } from '../rrset.ts';
import { DIGEST_TYPE, digestKey } from './delegation-signer.ts';
import { encodeDnskey, type Dnskey } from './dnskey.ts';
import { publishedKeys, type ZoneKeys } from './signing-key.ts';

// RFC 8078 §4: algorithm 0 asks the parent to remove all DS records. RFC 8078 erratum 5049: one zero byte for digest and key.
const DELETE_CDS = Uint8Array.of(0, 0, 0, 0, 0);
const DELETE_CDNSKEY = Uint8Array.of(0, 0, 3, 0, 0);

/** DNSKEY, CDS and CDNSKEY of a zone. `shown`: the DNSKEY records that the zone brings along (RFC 8901, other signers' keys). */
export function keyRecords(
  owner: Name,
  keys: ZoneKeys,
  ttlSeconds: number,
  shown: readonly Uint8Array[] = [],
): RRset[] {
  const rrset = (type: number, data: readonly Uint8Array[]): RRset => ({
    owner,
    type,
    ttlSeconds,
    data: distinct(data),
  });
  const dnskeys = rrset(TYPE.DNSKEY, [...shown, ...publishedKeys(keys).map(encodeDnskey)]);
  const { atParent } = keys;
  if (atParent === undefined) return [dnskeys];
  if (atParent === 'delete')
    return [dnskeys, rrset(TYPE.CDS, [DELETE_CDS]), rrset(TYPE.CDNSKEY, [DELETE_CDNSKEY])];
  // RFC 7344 §4: both, since some parents read the one and some the other; they must say the same.
  return [
    dnskeys,
    rrset(
      TYPE.CDS,
      atParent.map(key => cds(owner, key)),
    ),
    rrset(TYPE.CDNSKEY, atParent.map(encodeDnskey)),
  ];
}

function cds(owner: Name, key: Dnskey): Uint8Array {
  return digestKey(owner, encodeDnskey(key), DIGEST_TYPE.SHA256);
}

function distinct(data: readonly Uint8Array[]): Uint8Array[] {
  return data
    .toSorted(compareBytes)
    .filter((one, at, all) => at === 0 || compareBytes(all[at - 1] as Uint8Array, one) !== 0);
}
