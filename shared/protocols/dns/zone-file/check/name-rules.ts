import { formatAbsoluteName } from '../../absolute-name.ts';
import { TYPE } from '../../message.ts';
import { decodeName, lowerByte, type Name } from '../../name.ts';
import { formatType } from '../../record-types/mnemonics.ts';
import type { Report, Rule } from './rule.ts';
import { TARGET_TYPES, targetsOf } from './targets.ts';
import { firstType, nameOf, rrsetAt, type ZoneNode } from './zone-view.ts';

/** Types whose owner is a host: RFC 952 and RFC 1123 §2.1 say what its name is made of. */
const HOST_OWNERS: readonly number[] = [TYPE.A, TYPE.AAAA, TYPE.MX];

export const hostsHaveHostNames: Rule = (node, _zone, report) => {
  for (const type of HOST_OWNERS)
    if (rrsetAt(node, type) !== undefined && !isHostOwner(node.owner))
      report.error(
        node,
        type,
        'RFC 1123 §2.1',
        `${nameOf(node)} has ${formatType(type)}, but is no host name: letters, digits and hyphens within`,
      );
  for (const type of TARGET_TYPES)
    for (const target of targetsOf(node, type)) checkTarget(node, type, { target, report });
  const soa = rrsetAt(node, TYPE.SOA)?.data[0];
  const primary = soa === undefined ? undefined : decodeName(soa, 0);
  if (primary?.ok === true) checkTarget(node, TYPE.SOA, { target: primary.value.name, report });
};

function checkTarget(
  node: ZoneNode,
  type: number,
  { target, report }: { target: Name; report: Report },
): void {
  if (!isHostName(target))
    report.error(
      node,
      type,
      'RFC 1123 §2.1',
      `${formatType(type)} of ${nameOf(node)} names ${formatAbsoluteName(target)}, which is no host name: letters, digits and hyphens within`,
    );
}

/** A wildcard stands for hosts; `gc._msdcs` is what Windows calls the servers of its directory. */
function isHostOwner(owner: Name): boolean {
  if (isWildcard(owner[0])) return isHostName(owner.slice(1));
  return (
    isHostName(owner) ||
    (isLabel(owner[0], 'gc') && isLabel(owner[1], '_msdcs') && isHostName(owner.slice(2)))
  );
}

function isHostName(name: Name): boolean {
  return name.every(
    label => isLetterOrDigit(label[0]) && isLetterOrDigit(label.at(-1)) && label.every(isInner),
  );
}

function isInner(byte: number): boolean {
  return byte === HYPHEN || isLetterOrDigit(byte);
}

function isLetterOrDigit(byte: number | undefined): boolean {
  if (byte === undefined) return false;
  const low = lowerByte(byte);
  return (low >= 0x61 && low <= 0x7a) || (low >= 0x30 && low <= 0x39);
}

const HYPHEN = 0x2d;
const ASTERISK = 0x2a;
const UNDERSCORE = 0x5f;

function isWildcard(label: Uint8Array | undefined): boolean {
  return label?.length === 1 && label[0] === ASTERISK;
}

function isLabel(label: Uint8Array | undefined, text: string): boolean {
  return label !== undefined && String.fromCharCode(...label.map(lowerByte)) === text;
}

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
