import type { LogRecord } from '../../devices/log.ts';

/** The network that a client came from, not the client: IPv4 /24, IPv6 /48; what is neither becomes 'shortened'. */
export function shortenAddress(address: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1] ?? address;
  if (/^\d{1,3}(\.\d{1,3}){3}$/.test(mapped)) return mapped.replace(/\d+$/, '0/24');
  if (mapped.endsWith('/24') || mapped.endsWith('/48')) return mapped;
  const groups = expandGroups(mapped.split('%')[0] ?? '');
  return groups === undefined ? 'shortened' : `${groups.slice(0, 3).map(trimZeros).join(':')}::/48`;
}

/** The record with its `client` shortened; the same record where it has none. */
export function shortenClient(record: LogRecord): LogRecord {
  const client = record.fields['client'];
  if (client === undefined) return record;
  const network = typeof client === 'string' ? shortenAddress(client) : 'shortened';
  return { ...record, fields: { ...record.fields, client: network } };
}

function expandGroups(address: string): string[] | undefined {
  if (!/^[0-9a-f:]+$/i.test(address)) return undefined;
  const [head = '', tail, ...rest] = address.split('::');
  if (rest.length > 0) return undefined;
  const left = head === '' ? [] : head.split(':');
  if (tail === undefined) return left.length === 8 ? left : undefined;
  const right = tail === '' ? [] : tail.split(':');
  const missing = 8 - left.length - right.length;
  return missing < 1 ? undefined : [...left, ...Array<string>(missing).fill('0'), ...right];
}

function trimZeros(group: string): string {
  return group.toLowerCase().replace(/^0+(?=.)/, '');
}
