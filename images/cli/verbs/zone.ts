import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { parseArgs } from 'node:util';
import { viewOf } from '../../../shared/base/bytes.ts';
import { TYPE } from '../../../shared/protocols/dns/message.ts';
import { formatName, parseName, type Name } from '../../../shared/protocols/dns/name.ts';
import type { Zone } from '../../../shared/protocols/dns/rrset.ts';
import {
  formatZoneFault,
  type FaultList,
  type ZoneFault,
} from '../../../shared/protocols/dns/zone-file/fault.ts';
import { readZone } from '../../../shared/protocols/dns/zone-file/read-zone.ts';
import type { Verb } from '../verb.ts';

const USAGE = 'zone check FILE [--origin NAME]';

export const verb: Verb = {
  summary: `${USAGE}: check the master file of a DNS zone, each fault with file, line and rule`,
  async run(args) {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: { origin: { type: 'string' } },
    });
    const [action, file] = positionals;
    if (action !== 'check' || file === undefined || positionals.length > 2) {
      console.error(`right is: lares ${USAGE}`);
      return 2;
    }
    const { isRight, lines } = checkZoneFile(file, values.origin);
    for (const line of lines) (isRight ? console.log : console.error)(line);
    return isRight ? 0 : 1;
  },
};

export interface ZoneVerdict {
  /** Also of a zone with warnings. */
  readonly isRight: boolean;
  /** For the person who asked. */
  readonly lines: readonly string[];
}

/** Checks the zone in `file`, whose name is that of the file where `origin` is not given. */
export function checkZoneFile(file: string, origin?: string): ZoneVerdict {
  const read = readZone({ file, read: readText, origin: apexOf(file, origin) });
  return read.ok
    ? {
        isRight: true,
        lines: [...describeFaults(read.value.faults), `${file}: right: ${describe(read.value.zone)}`],
      }
    : { isRight: false, lines: describeFaults(read.error) };
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

function describeFaults({ errors, errorCount, warnings, warningCount }: FaultList): string[] {
  return [
    ...warnings.map(fault => describeFault('warning', fault)),
    ...more(warningCount - warnings.length, 'warnings'),
    ...errors.map(fault => describeFault('error', fault)),
    ...more(errorCount - errors.length, 'errors'),
  ];
}

function describeFault(severity: string, fault: ZoneFault): string {
  return formatZoneFault({ ...fault, message: `${severity}: ${fault.message}` });
}

function more(count: number, what: string): string[] {
  return count === 0 ? [] : [`… and ${count} more ${what}`];
}

function describe({ apex, rrsets }: Zone): string {
  const records = rrsets.reduce((total, { data }) => total + data.length, 0);
  const soa = rrsets.find(({ type }) => type === TYPE.SOA)?.data[0];
  // RFC 1035 §3.3.13: the serial is the first of the five numbers that end the data.
  const serial = soa === undefined ? 0 : viewOf(soa).getUint32(soa.length - 20);
  return `${formatName(apex)}, serial ${serial}, ${records} records`;
}
