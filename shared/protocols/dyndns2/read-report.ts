import { err, ok, type Result } from '../../base/result.ts';
import type { Request } from '../../devices/http-exchange.ts';
import { parseName } from '../dns/name.ts';
import { FAMILIES, familyOf, type Family } from '../home-address/addresses.ts';
import { parseAddress, parsePrefix } from '../ip/address.ts';

/** Where routers report their address: the old path, and the one of the third version. */
const PATHS: readonly string[] = ['/nic/update', '/v3/update'];
/** As the protocol's first server had it. */
const NAMES_MAX = 20;

/** What a router says of its line. */
export interface AddressReport {
  readonly names: readonly string[];
  /** What is left out, nothing is said of. */
  readonly told: { readonly [F in Family]?: Told };
}

/** 'none': the line has no address of the family. `isNetwork`: it is the prefix of one, which a host's part makes an address. */
export type Told = { readonly address: Uint8Array; readonly isNetwork: boolean } | 'none';

/** A word of the protocol for what is wrong. '911': the addresses are none. */
export type ReportFault = 'notfqdn' | 'numhost' | '911';

/** Whether a request is one of this protocol: others are somebody else's. */
export function isReport({ target }: Request): boolean {
  return PATHS.includes(splitTarget(target)[0]);
}

/**
 * `myip=` holds addresses of either family, parted by commas; `myipv4=` and `myipv6=` those of one, or nothing where the line has none. A prefix
 * (`2001:db8::/64`) stands for the network. Without any of them the address is `client`, from which the request came.
 */
export function readReport({ target }: Request, client: string): Result<AddressReport, ReportFault> {
  const fields = fieldsOf(splitTarget(target)[1]);
  const names = listOf(fields.get('hostname')).map(name => name.toLowerCase().replace(/\.$/, ''));
  if (names.length > NAMES_MAX) return err('numhost');
  if (names.length === 0 || !names.every(isWholeName)) return err('notfqdn');
  const told = readAddresses(fields, client);
  return told === undefined ? err('911') : ok({ names, told });
}

function readAddresses(
  fields: ReadonlyMap<string, string>,
  client: string,
): AddressReport['told'] | undefined {
  const told: { [F in Family]?: Told } = {};
  for (const [key, family] of [
    ['myipv4', 'ipv4'],
    ['myipv6', 'ipv6'],
  ] as const)
    if (fields.get(key) === '') told[family] = 'none';
  const texts = ['myip', 'myipv4', 'myipv6'].flatMap(key => listOf(fields.get(key)));
  if (texts.length === 0 && FAMILIES.every(family => told[family] === undefined)) texts.push(client);
  for (const text of texts) {
    const isNetwork = text.includes('/');
    const address = isNetwork ? parsePrefix(text)?.address : parseAddress(text);
    if (address === undefined) return undefined;
    told[familyOf(address)] = { address, isNetwork };
  }
  return told;
}

function listOf(text: string | undefined): string[] {
  return (text ?? '')
    .split(',')
    .map(part => part.trim())
    .filter(part => part !== '');
}

function isWholeName(text: string): boolean {
  const name = parseName(text);
  return name.ok && name.value.length > 1;
}

/** RFC 9112 §3.2.2: in absolute form, too. */
function splitTarget(target: string): readonly [path: string, query: string] {
  const [, path = '', query = ''] = /^(?:https?:\/\/[^/?]*)?([^?]*)\??(.*)$/is.exec(target) ?? [];
  return [path, query];
}

function fieldsOf(query: string): ReadonlyMap<string, string> {
  const pairs = query.split('&').map(pair => {
    const [key = '', ...value] = pair.split('=');
    return [unescape(key).toLowerCase(), unescape(value.join('='))] as const;
  });
  return new Map(pairs);
}

/** What is escaped wrongly stands for itself: routers do not escape at all. */
function unescape(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
