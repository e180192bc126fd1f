import { formatAbsoluteName } from '../absolute-name.ts';
import { TYPE } from '../message.ts';
import { formatType } from '../record-types/mnemonics.ts';
import { formatData } from '../record-types/presentation.ts';
import type { RRset, Zone } from '../rrset.ts';

/** The zone as a master file, a record a line and every name whole: read again, it is the same zone. */
export function formatZone({ rrsets }: Zone): string {
  // RFC 1035 §5.2 does not ask for it, but people and tools look for the SOA first.
  const soa = rrsets.filter(({ type }) => type === TYPE.SOA);
  const others = rrsets.filter(({ type }) => type !== TYPE.SOA);
  return [...soa, ...others].map(formatRRset).join('');
}

function formatRRset({ owner, type, ttlSeconds, data }: RRset): string {
  const head = `${formatAbsoluteName(owner)}\t${ttlSeconds}\tIN\t${formatType(type)}\t`;
  return data.map(one => `${head}${formatData(type, one)}\n`).join('');
}
