import { err, ok, type Result } from '../../../base/result.ts';
import type { Zone } from '../rrset.ts';
import { ZoneAssembler } from './assemble-zone.ts';
import { checkZone } from './check-zone.ts';
import { FaultList } from './fault.ts';
import { parseZoneFile, type ZoneFileSource } from './parse-zone-file.ts';

/** A zone that may be served, with what its owner should know. */
export interface ReadZone {
  readonly zone: Zone;
  readonly faults: FaultList;
}

/** Reads and checks the zone whose apex is `origin`. An error is told by its faults, and nothing of the zone is used. */
export function readZone(source: ZoneFileSource): Result<ReadZone, FaultList> {
  const faults = new FaultList();
  const assembler = new ZoneAssembler(source.origin, faults);
  const understood = parseZoneFile(source, assembler);
  const placed = assembler.finish();
  // Without the lines that were not understood, the others would be blamed for what they lack.
  if (understood) checkZone(placed, faults);
  return faults.errorCount === 0 ? ok({ zone: placed.zone, faults }) : err(faults);
}
