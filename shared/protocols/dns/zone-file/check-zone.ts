import { formatAbsoluteName } from '../absolute-name.ts';
import type { PlacedZone } from './assemble-zone.ts';
import { aliasLeadsSomewhere, aliasStandsAlone, dnameIsOne, nothingBelowDname } from './check/alias-rules.ts';
import { apexHasServers, soaStandsAtApex, zoneTypesStandAtApex } from './check/apex-rules.ts';
import { dsStandsAtCut, glueKeys, hiddenRecordsAreGlue } from './check/delegation-rules.ts';
import { childRecordsStandAtApex, signaturesHaveKeys } from './check/dnssec-rules.ts';
import { ownersAreHosts, ownersFitTheirType, wildcardsAreSane } from './check/name-rules.ts';
import { Report, type Rule } from './check/rule.ts';
import { serviceBindingsAreOfOneMode } from './check/service-binding-rules.ts';
import { rrsetsFitMessages } from './check/size-rules.ts';
import { nullMxStandsAlone, targetsAreHosts } from './check/target-rules.ts';
import { ZoneView } from './check/zone-view.ts';
import type { FaultList } from './fault.ts';

/** For every name that has records. */
const EVERYWHERE: readonly Rule[] = [
  soaStandsAtApex,
  aliasStandsAlone,
  dnameIsOne,
  ownersAreHosts,
  targetsAreHosts,
  wildcardsAreSane,
  rrsetsFitMessages,
];

/** Only where the zone has a say: not below a delegation or a DNAME. */
const IN_AUTHORITY: readonly Rule[] = [
  apexHasServers,
  zoneTypesStandAtApex,
  childRecordsStandAtApex,
  signaturesHaveKeys,
  aliasLeadsSomewhere,
  dsStandsAtCut,
  nullMxStandsAlone,
  serviceBindingsAreOfOneMode,
  ownersFitTheirType,
];

/** Holds a zone of well-formed data against what name servers' own checks ask, and the standards. `places` may be empty. */
export function checkZone({ zone, places }: PlacedZone, faults: FaultList): void {
  const nowhere = { file: formatAbsoluteName(zone.apex), line: 0 };
  const view = new ZoneView(zone);
  const report = new Report(faults, rrset => places[rrset] ?? nowhere);
  const hidden = [nothingBelowDname, hiddenRecordsAreGlue(glueKeys(view))];
  if (view.apexNode === undefined)
    faults.error(
      places[0] ?? nowhere,
      'RFC 1035 §5.2',
      `nothing stands at the zone's own name, ${view.name}`,
    );
  for (const node of view.nodes) {
    for (const rule of EVERYWHERE) rule(node, view, report);
    for (const rule of node.hiddenBy === undefined ? IN_AUTHORITY : []) rule(node, view, report);
    for (const rule of hidden) rule(node, view, report);
  }
}
