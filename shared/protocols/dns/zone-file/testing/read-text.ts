import { formatAbsoluteName } from '../../absolute-name.ts';
import { parseName, type Name } from '../../name.ts';
import { formatType } from '../../record-types/mnemonics.ts';
import { formatData } from '../../record-types/presentation.ts';
import type { Zone } from '../../rrset.ts';
import { formatZoneFault, type FaultList } from '../fault.ts';
import { readZone } from '../read-zone.ts';

export const ORIGIN: Name = name('example.org');

export function name(text: string): Name {
  const parsed = parseName(text);
  if (!parsed.ok) throw new Error(parsed.error);
  return parsed.value;
}

/** What a zone without faults begins with: five lines. */
export const HEAD: string = [
  '$TTL 3600',
  '@ SOA ns1 hostmaster 1 7200 3600 1209600 3600',
  '@ NS ns1',
  '@ NS ns.elsewhere.test.',
  'ns1 A 192.0.2.1',
  '',
].join('\n');

export interface Reading {
  /** The records in the zone's order, `owner TTL type data` each; undefined where it is refused. */
  readonly records: readonly string[] | undefined;
  readonly errors: readonly string[];
  readonly warnings: readonly string[];
}

/** Reads the zone example.org from the file `zone`, with others beside it. */
export function readText(zone: string, files: Readonly<Record<string, string>> = {}): Reading {
  const all: Readonly<Record<string, string>> = { ...files, zone };
  const read = readZone({ file: 'zone', read: file => all[file], origin: ORIGIN });
  return read.ok
    ? { records: showRecords(read.value.zone), ...showFaults(read.value.faults) }
    : { records: undefined, ...showFaults(read.error) };
}

/** Those of a zone that begins with {@link HEAD}, without the records of that. */
export function readBehindHead(lines: string, files: Readonly<Record<string, string>> = {}): Reading {
  const reading = readText(HEAD + lines, files);
  const head = new Set(readText(HEAD).records);
  return { ...reading, records: reading.records?.filter(record => !head.has(record)) };
}

function showRecords({ rrsets }: Zone): string[] {
  return [...rrsets].flatMap(({ owner, ttlSeconds, type, data }) =>
    data.map(
      one => `${formatAbsoluteName(owner)} ${ttlSeconds} ${formatType(type)} ${formatData(type, one)}`,
    ),
  );
}

function showFaults({ errors, warnings }: FaultList): Pick<Reading, 'errors' | 'warnings'> {
  return { errors: errors.map(formatZoneFault), warnings: warnings.map(formatZoneFault) };
}
