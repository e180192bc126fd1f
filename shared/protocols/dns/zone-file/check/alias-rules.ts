import { formatAbsoluteName } from '../../absolute-name.ts';
import { TYPE } from '../../message.ts';
import { decodeName, type Name } from '../../name.ts';
import { formatType } from '../../record-types/mnemonics.ts';
import { nameOf, rrsetAt, type ZoneNode } from './zone-view.ts';
import type { Report, Rule } from './rule.ts';

/** RFC 2181 §10.1, RFC 4034 §4 and RFC 3007 §3.1.1: what may stand beside a CNAME. */
const BESIDE_CNAME: ReadonlySet<number> = new Set([TYPE.CNAME, TYPE.RRSIG, TYPE.NSEC, TYPE.KEY, TYPE.SIG]);

export const aliasStandsAlone: Rule = (node, _zone, report) => {
  const alias = rrsetAt(node, TYPE.CNAME);
  if (alias === undefined) return;
  const { length } = alias.data;
  if (length > 1)
    report.error(
      node,
      TYPE.CNAME,
      'RFC 2181 §10.1',
      `${nameOf(node)} has ${length} CNAME records; one is right`,
    );
  for (const { type } of node.rrsets)
    if (!BESIDE_CNAME.has(type))
      report.error(
        node,
        type,
        'RFC 2181 §10.1',
        `${nameOf(node)} has a CNAME and ${formatType(type)}; a CNAME stands alone`,
      );
};

export const aliasLeadsSomewhere: Rule = (node, zone, report) => {
  let at = node;
  for (let steps = 0; steps < ALIASES_MAX; steps++) {
    const target = aliasTarget(at);
    const found = target === undefined ? undefined : zone.find(target);
    if (target === undefined || found === undefined || found.hiddenBy !== undefined) return;
    const { node: next } = found;
    if (next === undefined)
      return warnOfTarget(node, `nothing stands at ${formatAbsoluteName(target)}`, report);
    at = next;
  }
  warnOfTarget(node, `behind ${ALIASES_MAX} aliases there is no end`, report);
};

/** Resolvers stop at 8 to 16; a circle has no end at all. */
const ALIASES_MAX = 16;

function warnOfTarget(node: ZoneNode, what: string, report: Report): void {
  report.warn(node, TYPE.CNAME, 'RFC 1034 §3.6.2', `the CNAME at ${nameOf(node)} leads nowhere: ${what}`);
}

function aliasTarget(node: ZoneNode): Name | undefined {
  const data = rrsetAt(node, TYPE.CNAME)?.data[0];
  const target = data === undefined ? undefined : decodeName(data, 0);
  return target?.ok === true ? target.value.name : undefined;
}

export const dnameIsOne: Rule = (node, zone, report) => {
  const dname = rrsetAt(node, TYPE.DNAME);
  if (dname === undefined) return;
  const name = nameOf(node);
  const { length } = dname.data;
  if (length > 1)
    report.error(node, TYPE.DNAME, 'RFC 6672 §2.4', `${name} has ${length} DNAME records; one is right`);
  if (zone.isCut(node))
    report.error(
      node,
      TYPE.DNAME,
      'RFC 6672 §2.3',
      `${name} has a DNAME and NS; both together stand at the apex alone`,
    );
};

/** RFC 5155 §3 and §7.1: they stand below the apex, also where this has a DNAME, and are no names of the zone. */
const PROOFS: ReadonlySet<number> = new Set([TYPE.NSEC3, TYPE.RRSIG]);

/** For names that are hidden. */
export const nothingBelowDname: Rule = (node, _zone, report) => {
  const above = node.hiddenBy;
  if (above === undefined || rrsetAt(above, TYPE.DNAME) === undefined) return;
  const hidden = node.rrsets.find(({ type }) => !PROOFS.has(type));
  if (hidden !== undefined)
    report.error(
      node,
      hidden.type,
      'RFC 6672 §2.4',
      `${nameOf(node)} stands below the DNAME at ${nameOf(above)}; nothing may`,
    );
};
