import { equalBytes } from '../../base/bytes.ts';
import type { Endpoint } from '../../devices/tcp.ts';
import { parseAddress } from './address.ts';

/** Whether both are one port of one address; the texts may differ for one address of IPv6 (RFC 5952 §1). */
export function isSameEndpoint(left: Endpoint, right: Endpoint): boolean {
  const [leftBytes, rightBytes] = [parseAddress(left.host), parseAddress(right.host)];
  if (leftBytes === undefined || rightBytes === undefined) return false;
  return left.port === right.port && equalBytes(leftBytes, rightBytes);
}
