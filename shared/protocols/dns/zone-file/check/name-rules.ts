import { TYPE } from '../../message.ts';
import type { Name } from '../../name.ts';
import { formatType } from '../../record-types/mnemonics.ts';
import { isHostOwner, isLabel, isWildcard } from './host-names.ts';
import type { Rule } from './rule.ts';
import { firstType, nameOf, rrsetAt } from './zone-view.ts';

/** Types whose owner is a host. */
const HOST_OWNERS: readonly number[] = [TYPE.A, TYPE.AAAA, TYPE.MX];

export const ownersAreHosts: Rule = (node, _zone, report) => {
  for (const type of HOST_OWNERS)
    if (rrsetAt(node, type) !== undefined && !isHostOwner(node.owner))
      report.error(
        node,
        type,
        'RFC 1123 §2.1',
        `${nameOf(node)} has ${formatType(type)}, but is no host name: letters, digits and hyphens within`,
      );
};

/** What the first two labels of a type's owner are: RFC 2782, RFC 6698 §3, RFC 7929 §3, RFC 8162 §3. */
const OWNER_FORMS: readonly OwnerForm[] = [
  {
    type: TYPE.SRV,
    rule: 'RFC 2782',
    right: '_service._protocol',
    fits: ([first, second]) => hasUnderscore(first) && hasUnderscore(second),
  },
  {
    type: TYPE.TLSA,
    rule: 'RFC 6698 §3',
    right: '_port._protocol',
    fits: ([first, second]) => isPort(first) && hasUnderscore(second),
  },
  {
    type: TYPE.OPENPGPKEY,
    rule: 'RFC 7929 §3',
    right: 'hash._openpgpkey',
    fits: ([, second]) => isLabel(second, '_openpgpkey'),
  },
  {
    type: TYPE.SMIMEA,
    rule: 'RFC 8162 §3',
    right: 'hash._smimecert',
    fits: ([, second]) => isLabel(second, '_smimecert'),
  },
];

interface OwnerForm {
  readonly type: number;
  readonly rule: string;
  readonly right: string;
  readonly fits: (owner: Name) => boolean;
}

export const ownersFitTheirType: Rule = (node, _zone, report) => {
  for (const { type, rule, right, fits } of OWNER_FORMS)
    if (rrsetAt(node, type) !== undefined && !fits(node.owner))
      report.warn(
        node,
        type,
        rule,
        `${formatType(type)} at ${nameOf(node)}: nobody looks for it but below ${right}`,
      );
};

const UNDERSCORE = 0x5f;

function hasUnderscore(label: Uint8Array | undefined): boolean {
  return isWildcard(label) || label?.[0] === UNDERSCORE;
}

function isPort(label: Uint8Array | undefined): boolean {
  if (isWildcard(label)) return true;
  return label !== undefined && /^_[0-9]{1,5}$/.test(String.fromCharCode(...label));
}

/** RFC 4592 §4.2 and §4.4; BIND refuses NS at a wildcard. */
export const wildcardsAreSane: Rule = (node, _zone, report) => {
  if (isWildcard(node.owner[0]) && rrsetAt(node, TYPE.NS) !== undefined)
    report.error(
      node,
      TYPE.NS,
      'RFC 4592 §4.2',
      `${nameOf(node)} is a wildcard with NS; delegate each name by itself`,
    );
  if (isWildcard(node.owner[0]) && rrsetAt(node, TYPE.DNAME) !== undefined)
    report.warn(
      node,
      TYPE.DNAME,
      'RFC 4592 §4.4',
      `${nameOf(node)} is a wildcard with a DNAME; what it means is not settled`,
    );
  // RFC 4592 §2.1.1: an asterisk is a wildcard as the first label alone.
  if (node.owner.some((label, index) => index > 0 && isWildcard(label)))
    report.warn(
      node,
      firstType(node),
      'RFC 4592 §2.1.1',
      `in ${nameOf(node)} the asterisk is no wildcard: it is not the first label`,
    );
};
