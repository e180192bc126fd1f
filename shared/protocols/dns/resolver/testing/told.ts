import { formatAddress } from '../../../ip/address.ts';
import type { Resolution } from '../state.ts';

/** An answer in one line: addresses, or what is missing, and whether it is proven; or the number of what went wrong. */
export function told(resolution: Resolution): string {
  if (resolution.kind !== 'answered') return `${resolution.kind} ${resolution.fault.code}`;
  const { rrset, exists, secure } = resolution;
  const what = rrset?.data.map(formatAddress).join(' ') ?? (exists ? 'no data' : 'no name');
  return `${what}, ${secure ? 'secure' : 'insecure'}`;
}

/** Names below each zone of the household, and what is to be told of their addresses. */
export const ADDRESSES: readonly (readonly [name: string, answer: string])[] = [
  ['www', '198.51.100.1'],
  ['anything.wild', '198.51.100.2'],
  ['a.b.wild', '198.51.100.2'],
  ['a.empty', '198.51.100.3'],
  ['empty', 'no data'],
  ['alias', '198.51.100.1'],
  ['absent', 'no name'],
  ['a.absent', 'no name'],
  ['below.www', 'no name'],
  ['gone', 'no name'],
  ['host.old', '198.51.100.4'],
  ['nobody.old', 'no name'],
];
