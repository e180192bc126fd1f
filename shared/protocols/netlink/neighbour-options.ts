import { viewOf } from '../../base/bytes.ts';
import { AF_INET6 } from './constants.ts';
import type { NameServersEvent } from './events.ts';

/** struct nduseroptmsg. */
const HEADER_BYTES = 16;
/** RFC 8106 §5.1: the Recursive DNS Server option. */
const RDNSS = 25;
const RDNSS_HEADER_BYTES = 8;
/** RFC 8106 §5.3.1: three servers are enough; the bound keeps a hostile router from filling the list. */
const SERVERS_MAX = 4;

/** The first RDNSS option of an RTM_NEWNDUSEROPT message; undefined where there is none or it is malformed. */
export function decodeNeighbourOptions(payload: Uint8Array): NameServersEvent | undefined {
  if (payload.length < HEADER_BYTES || payload[0] !== AF_INET6) return undefined;
  const view = viewOf(payload);
  const end = Math.min(payload.length, HEADER_BYTES + view.getUint16(2, true));
  for (let at = HEADER_BYTES; at + RDNSS_HEADER_BYTES <= end;) {
    // RFC 4861 §4.6: lengths count units of eight bytes; an option of length zero is not valid.
    const length = (payload[at + 1] ?? 0) * 8;
    if (length === 0 || at + length > end) return undefined;
    if (payload[at] === RDNSS)
      return decodeServers(view.getInt32(4, true), payload.subarray(at, at + length));
    at += length;
  }
  return undefined;
}

function decodeServers(index: number, option: Uint8Array): NameServersEvent {
  const servers: Uint8Array[] = [];
  for (let at = RDNSS_HEADER_BYTES; at + 16 <= option.length && servers.length < SERVERS_MAX; at += 16) {
    servers.push(option.slice(at, at + 16));
  }
  return { kind: 'name-servers', index, servers, lifetimeSeconds: viewOf(option).getUint32(4) };
}
