import { DeviceError } from '../../devices/device-error.ts';
import type { Resolver } from '../../devices/resolver.ts';
import { parseName, type Name } from '../../protocols/dns/name.ts';
import { DnsUpdateError } from './dns-update-error.ts';

/** RFC 1034 §3.6.2: chains of aliases should be short; resolvers stop at 8 to 16. */
const ALIASES_MAX = 8;

/**
 * Where the aliases that begin at a name end. RFC 8555 §8.4: the authority follows CNAMEs, so the record belongs there.
 * @throws DnsUpdateError
 */
export async function followAliases(text: string, resolver: Resolver, signal?: AbortSignal): Promise<Name> {
  let name = text;
  for (let aliases = 0; aliases <= ALIASES_MAX; aliases++) {
    const target = await lookUpAlias(name, resolver, signal);
    if (target === undefined) return toName(name);
    name = target;
  }
  throw new DnsUpdateError(`the aliases (CNAME) that begin at ${text} do not end`);
}

async function lookUpAlias(
  name: string,
  resolver: Resolver,
  signal?: AbortSignal,
): Promise<string | undefined> {
  try {
    return (await resolver.resolve(name, 'CNAME', signal)).records[0];
  } catch (cause) {
    if (!(cause instanceof DeviceError)) throw cause;
    const { message, temporary } = cause;
    throw new DnsUpdateError(`cannot tell whether ${name} is an alias: ${message}`, { cause, temporary });
  }
}

/** @throws DnsUpdateError for a text that is no domain name. */
export function toName(text: string): Name {
  const name = parseName(text);
  if (!name.ok) throw new DnsUpdateError(`'${text}' is no domain name: ${name.error}`);
  return name.value;
}
