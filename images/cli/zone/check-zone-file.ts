import { viewOf } from '../../../shared/base/bytes.ts';
import { TYPE } from '../../../shared/protocols/dns/message.ts';
import { formatName } from '../../../shared/protocols/dns/name.ts';
import type { Zone } from '../../../shared/protocols/dns/rrset.ts';
import { countRecords, describeFaults, readZoneFile } from './zone-file.ts';

export interface ZoneVerdict {
  /** Also of a zone with warnings. */
  readonly isRight: boolean;
  /** For the person who asked. */
  readonly lines: readonly string[];
}

/** Checks the zone in `file`, whose name is that of the file where `origin` is not given. */
export function checkZoneFile(file: string, origin?: string): ZoneVerdict {
  const read = readZoneFile(file, origin);
  return read.ok
    ? {
        isRight: true,
        lines: [...describeFaults(read.value.faults), `${file}: right: ${describe(read.value.zone)}`],
      }
    : { isRight: false, lines: describeFaults(read.error) };
}

function describe({ apex, rrsets }: Zone): string {
  const records = countRecords(rrsets);
  const soa = rrsets.find(({ type }) => type === TYPE.SOA)?.data[0];
  // RFC 1035 §3.3.13: the serial is the first of the five numbers that end the data.
  const serial = soa === undefined ? 0 : viewOf(soa).getUint32(soa.length - 20);
  return `${formatName(apex)}, serial ${serial}, ${records} records`;
}
