import { formatAbsoluteName } from '../../../shared/protocols/dns/absolute-name.ts';
import { DIGEST_TYPE, digestKey } from '../../../shared/protocols/dns/dnssec/delegation-signer.ts';
import { encodeDnskey, type Dnskey } from '../../../shared/protocols/dns/dnssec/dnskey.ts';
import { signingPlan } from '../../../shared/protocols/dns/key-roll/signing-plan.ts';
import { TYPE } from '../../../shared/protocols/dns/message.ts';
import { formatData } from '../../../shared/protocols/dns/record-types/presentation.ts';
import type { ZoneKeeper } from './zone-keeper.ts';

/** What the parent shall have for one key: the record, and the fields that registrars ask for one by one. */
export interface ParentRecord {
  /** The DS record as a line of a master file. */
  readonly line: string;
  readonly keyTag: number;
  readonly algorithm: number;
  readonly digestType: number;
  /** Hexadecimal. */
  readonly digest: string;
  /** For registrars that make the DS record from the key: RFC 4034 §2.2. */
  readonly key: Omit<Dnskey, 'publicKey'> & { readonly publicKey: string };
}

/** What the parent shall have; of the first keys before the parent is asked for them, too. RFC 8624 §3.3: SHA-256. */
export function parentRecords({ apex, signer }: Pick<ZoneKeeper, 'apex' | 'signer'>): ParentRecord[] {
  if (signer === undefined) return [];
  const { keys, state } = signer.keys;
  const { atParent } = signingPlan(state);
  if (atParent === 'delete') return [];
  const current = state.keys.filter(({ stage, role }) => stage === 'current' && role !== 'zsk');
  return (atParent ?? current.map(({ id }) => id)).flatMap(id => {
    const key = keys.get(id);
    if (key === undefined) return [];
    const { dnskey, keyTag } = key;
    const data = digestKey(apex, encodeDnskey(dnskey), DIGEST_TYPE.SHA256);
    return {
      line: `${formatAbsoluteName(apex)} IN DS ${formatData(TYPE.DS, data)}`,
      keyTag,
      algorithm: dnskey.algorithm,
      digestType: DIGEST_TYPE.SHA256,
      digest: data.subarray(4).toHex().toUpperCase(),
      key: { ...dnskey, publicKey: dnskey.publicKey.toBase64() },
    };
  });
}
