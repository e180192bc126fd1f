import { viewOf } from '../../../shared/base/bytes.ts';
import type { RollTimes } from '../../../shared/protocols/dns/key-roll/state.ts';
import { TYPE } from '../../../shared/protocols/dns/message.ts';
import { longestTtlOf, rrsetOf } from '../../../shared/protocols/dns/rrset-list.ts';
import type { Zone } from '../../../shared/protocols/dns/rrset.ts';
import { DS_TTL_DEFAULT_SECONDS, PARENT_PROPAGATION_SECONDS, SIGNING_SECONDS } from './limits.ts';
import { DNSKEY_TTL_SECONDS } from './sign.ts';

/** RFC 1035 §3.3.13: REFRESH is the second of the five numbers at the end. */
const REFRESH_BEFORE_END = 16;

/** How long changes of this zone and of its parent live on at others; RFC 7583 §3.1 names them. */
export function rollTimes(zone: Zone, dsTtlSeconds: number = DS_TTL_DEFAULT_SECONDS): RollTimes {
  const soa = rrsetOf(zone.rrsets, zone.apex, TYPE.SOA)?.data[0] ?? new Uint8Array(REFRESH_BEFORE_END);
  return {
    // A secondary that a NOTIFY does not reach looks after REFRESH (RFC 1035 §3.3.13).
    propagationSeconds: viewOf(soa).getUint32(soa.length - REFRESH_BEFORE_END),
    signingSeconds: SIGNING_SECONDS,
    dnskeyTtlSeconds: DNSKEY_TTL_SECONDS,
    zoneTtlMaxSeconds: longestTtlOf(zone.rrsets),
    parentPropagationSeconds: PARENT_PROPAGATION_SECONDS,
    dsTtlSeconds,
  };
}
