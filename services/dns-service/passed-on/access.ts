import { assert } from '../../../shared/base/assert.ts';
import { equalNames, type Name } from '../../../shared/protocols/dns/name.ts';
import { isInPrefix, parseAddress, parsePrefix, type Prefix } from '../../../shared/protocols/ip/address.ts';
import { decodeSource } from '../../../shared/protocols/ip/source-address.ts';
import { keyNameOf } from './key-ring.ts';
import type { PassedOnRequest } from './request.ts';

/** Who is meant: where both are there, both must fit. */
export interface AccessRule {
  readonly network: Prefix | undefined;
  readonly key: Name | undefined;
  /** Whether it must come over TLS. */
  readonly isOverTls: boolean;
}

export function accessRule(rule: {
  readonly address?: string | undefined;
  readonly key?: string | undefined;
  readonly 'over-tls'?: boolean;
}): AccessRule {
  return {
    network: rule.address === undefined ? undefined : networkOf(rule.address),
    key: rule.key === undefined ? undefined : keyNameOf(rule.key),
    isOverTls: rule['over-tls'] ?? false,
  };
}

/** Whether one of the rules is for who asks. */
export function isAllowed(rules: readonly AccessRule[], { peer, key }: PassedOnRequest): boolean {
  if (rules.length === 0) return false;
  const address = parseAddress(decodeSource(peer.source, 0).host);
  return rules.some(
    rule =>
      (!rule.isOverTls || peer.transport === 'tls') &&
      (rule.network === undefined || (address !== undefined && isInPrefix(address, rule.network))) &&
      (rule.key === undefined || (key !== undefined && equalNames(rule.key, key.name))),
  );
}

function networkOf(text: string): Prefix {
  const address = parseAddress(text);
  const prefix = address === undefined ? parsePrefix(text) : { address, length: address.length * 8 };
  assert(prefix !== undefined, 'the configuration has addresses and networks alone');
  return prefix;
}
