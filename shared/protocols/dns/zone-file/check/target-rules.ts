import { formatAbsoluteName } from '../../absolute-name.ts';
import { TYPE } from '../../message.ts';
import type { Name } from '../../name.ts';
import { formatType } from '../../record-types/mnemonics.ts';
import { isHostName } from './host-names.ts';
import type { Report, Rule } from './rule.ts';
import { TARGET_TYPES, targetsOf } from './targets.ts';
import { hasAddress, nameOf, rrsetAt, type ZoneNode, type ZoneView } from './zone-view.ts';

export const targetsAreHosts: Rule = (node, zone, report) => {
  for (const type of TARGET_TYPES)
    for (const target of targetsOf(node, type)) {
      const use: Use = { node, type, target };
      if (!isHostName(target))
        report.error(
          node,
          type,
          'RFC 1123 §2.1',
          `${say(use)}, which is no host name: letters, digits and hyphens within`,
        );
      // The primary in the SOA takes updates, if any: nobody looks for zones there.
      if (node.hiddenBy === undefined && type !== TYPE.SOA) checkWhereItLeads(use, zone, report);
    }
};

/** A host, and the records that name it. */
interface Use {
  readonly node: ZoneNode;
  readonly type: number;
  readonly target: Name;
}

function say({ node, type, target }: Use): string {
  return `${formatType(type)} of ${nameOf(node)} names ${formatAbsoluteName(target)}`;
}

/** Hosts outside of the zone are not looked for. */
function checkWhereItLeads(use: Use, zone: ZoneView, report: Report): void {
  const found = zone.find(use.target);
  if (found === undefined) return;
  const { node, hiddenBy } = found;
  if (hiddenBy !== undefined && zone.isCut(hiddenBy)) {
    if (use.type === TYPE.NS && zone.isCut(use.node) && (node === undefined || !hasAddress(node)))
      tellMissingGlue(use, hiddenBy, report);
  } else if (hiddenBy !== undefined)
    tellAlias(use, `is an alias by the DNAME at ${nameOf(hiddenBy)}`, report);
  else if (node === undefined) tellNoAddress(use, 'does not exist', report);
  else if (rrsetAt(node, TYPE.CNAME) !== undefined)
    tellAlias(use, 'is an alias (CNAME): name the host itself', report);
  else if (!hasAddress(node)) tellNoAddress(use, 'has no address', report);
}

/** Of a server whose name stands at or below `cut`. */
function tellMissingGlue({ node, target }: Use, cut: ZoneNode, report: Report): void {
  const message = `the server ${formatAbsoluteName(target)} of ${nameOf(node)} has no address here`;
  // RFC 9471 §2.1: without the address of a server below its own cut nobody finds the zone.
  if (cut === node) report.error(node, TYPE.NS, 'RFC 9471 §2.1', `${message}: its glue is missing`);
  // RFC 9471 §2.2: that of a sibling can be asked for elsewhere, unless both lean on each other.
  else report.warn(node, TYPE.NS, 'RFC 9471 §2.2', `${message}; it stands below ${nameOf(cut)}`);
}

/** RFC 2181 §10.3 for NS and MX, RFC 2782 for SRV: the target is no alias. */
function tellAlias(use: Use, what: string, report: Report): void {
  const { node, type } = use;
  report.error(node, type, type === TYPE.SRV ? 'RFC 2782' : 'RFC 2181 §10.3', `${say(use)}, which ${what}`);
}

/** Resolvers fail where a name server has no address; mail and services may get theirs later. */
function tellNoAddress(use: Use, what: string, report: Report): void {
  const { node, type } = use;
  const message = `${say(use)}, which ${what}`;
  if (type === TYPE.NS) report.error(node, type, 'RFC 1034 §4.2.1', message);
  else report.warn(node, type, 'RFC 2181 §10.3', message);
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
