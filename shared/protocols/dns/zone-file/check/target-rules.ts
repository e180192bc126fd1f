import { formatAbsoluteName } from '../../absolute-name.ts';
import { TYPE } from '../../message.ts';
import type { Name } from '../../name.ts';
import { formatType } from '../../record-types/mnemonics.ts';
import type { Rule } from './rule.ts';
import { TARGET_TYPES, targetsOf } from './targets.ts';
import { hasAddress, nameOf, rrsetAt, type ZoneView } from './zone-view.ts';

export const targetsHaveAddresses: Rule = (node, zone, report) => {
  for (const type of TARGET_TYPES)
    for (const target of targetsOf(node, type)) {
      const fault = faultOf(target, zone);
      if (fault === undefined) continue;
      const message = `${formatType(type)} of ${nameOf(node)} names ${formatAbsoluteName(target)}, which ${fault.what}`;
      // RFC 2181 §10.3 for NS and MX, RFC 2782 for SRV: the target is no alias.
      if (fault.alias) report.error(node, type, type === TYPE.SRV ? 'RFC 2782' : 'RFC 2181 §10.3', message);
      // Resolvers fail where a name server has no address; mail and services may get theirs later.
      else if (type === TYPE.NS) report.error(node, type, 'RFC 1034 §4.2.1', message);
      else report.warn(node, type, 'RFC 2181 §10.3', message);
    }
};

interface TargetFault {
  readonly alias: boolean;
  readonly what: string;
}

/** undefined for hosts that are elsewhere, in this zone's hands or not. */
function faultOf(target: Name, zone: ZoneView): TargetFault | undefined {
  const found = zone.find(target);
  if (found === undefined) return undefined;
  const { node, hiddenBy } = found;
  if (hiddenBy !== undefined)
    return zone.isCut(hiddenBy)
      ? undefined
      : { alias: true, what: `is an alias by the DNAME at ${nameOf(hiddenBy)}` };
  if (node === undefined) return { alias: false, what: 'does not exist' };
  if (rrsetAt(node, TYPE.CNAME) !== undefined)
    return { alias: true, what: 'is an alias (CNAME): name the host itself' };
  return hasAddress(node) ? undefined : { alias: false, what: 'has no address' };
}

/** RFC 7505 §3: a null MX, which says that there is no mail, is the only one. */
export const nullMxStandsAlone: Rule = (node, _zone, report) => {
  const mx = rrsetAt(node, TYPE.MX);
  if (mx !== undefined && mx.data.length > 1 && mx.data.some(data => isNullMx(data)))
    report.error(
      node,
      TYPE.MX,
      'RFC 7505 §3',
      `${nameOf(node)} has a null MX (0 .) beside others; it stands alone`,
    );
};

function isNullMx(data: Uint8Array): boolean {
  return data.length === 3 && data[2] === 0;
}
