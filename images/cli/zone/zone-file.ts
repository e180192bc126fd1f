import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import type { Result } from '../../../shared/base/result.ts';
import { TYPE } from '../../../shared/protocols/dns/message.ts';
import { parseName, type Name } from '../../../shared/protocols/dns/name.ts';
import type { RRset, Zone } from '../../../shared/protocols/dns/rrset.ts';
import { ZoneAssembler } from '../../../shared/protocols/dns/zone-file/assemble-zone.ts';
import { FaultList, formatZoneFault, type ZoneFault } from '../../../shared/protocols/dns/zone-file/fault.ts';
import { parseZoneFile } from '../../../shared/protocols/dns/zone-file/parse-zone-file.ts';
import { readZone, type ReadZone } from '../../../shared/protocols/dns/zone-file/read-zone.ts';

/** The zone in `file`, whose name is that of the file where `origin` is not given. @throws Error for people. */
export function readZoneFile(file: string, origin?: string): Result<ReadZone, FaultList> {
  return readZone({ file, read: readText, origin: apexOf(file, origin) });
}

/**
 * The zone in `file`, exported by whatever server or written by dig: whether it could be served is not looked at. @throws Error for people.
 */
export function assembleExport(file: string, origin?: string): Zone {
  const faults = new FaultList();
  const apex = apexOf(file, origin);
  const assembler = new ZoneAssembler(apex, faults);
  let isBegun = false;
  const add: ZoneAssembler['add'] = (record, place) => {
    const isSoa = record.type === TYPE.SOA;
    // RFC 5936 §2.2: a transfer ends with the SOA record that it began with.
    if (!isSoa || !isBegun) assembler.add(record, place);
    isBegun ||= isSoa;
  };
  parseZoneFile({ file, read: readExport, origin: apex }, { faults, add });
  if (faults.errorCount > 0) throw new Error(describeFaults(faults).join('\n'));
  return assembler.finish().zone;
}

export function countRecords(rrsets: Iterable<RRset>): number {
  let count = 0;
  for (const { data } of rrsets) count += data.length;
  return count;
}

/** A line for each fault that is kept, and how many more there are. */
export function describeFaults({ errors, errorCount, warnings, warningCount }: FaultList): string[] {
  return [
    ...warnings.map(fault => describeFault('warning', fault)),
    ...more(warningCount - warnings.length, 'warnings'),
    ...errors.map(fault => describeFault('error', fault)),
    ...more(errorCount - errors.length, 'errors'),
  ];
}

/** `example.org`, `example.org.zone` and, as BIND's users have it, `db.example.org` are of the zone example.org. */
function apexOf(file: string, origin: string | undefined): Name {
  const text = origin ?? basename(file).replace(/^db\.|\.(?:zone|db|txt)$/g, '');
  const name = parseName(text);
  if (name.ok && (origin !== undefined || text.includes('.'))) return name.value;
  throw new Error(
    name.ok
      ? `${file}: the file's name does not tell the zone's; say --origin NAME`
      : `${text} is no name of a zone: ${name.error}`,
  );
}

/** dig writes what a transfer was signed with as if it were a record; RFC 8945 §4.2: it is one of the message alone. */
function readExport(file: string): string | undefined {
  return readText(file)?.replace(/^\S+\s+\d+\s+ANY\s+TSIG\s/gm, ';$&');
}

/** undefined where there is no such file; @throws where it cannot be read or is not UTF-8. */
function readText(file: string): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(readFileSync(file));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return undefined;
    if (code === 'ERR_ENCODING_INVALID_ENCODED_DATA')
      throw new Error(`${file}: not UTF-8; write other bytes as \\DDD`, { cause: error });
    throw error;
  }
}

function describeFault(severity: string, fault: ZoneFault): string {
  return formatZoneFault({ ...fault, message: `${severity}: ${fault.message}` });
}

function more(count: number, what: string): string[] {
  return count === 0 ? [] : [`… and ${count} more ${what}`];
}
