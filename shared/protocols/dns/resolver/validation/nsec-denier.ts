import { encodeUtf8 } from '../../../../base/bytes.ts';
import { TYPE } from '../../message.ts';
import { decodeName, equalNames, isAtOrBelow, type Name } from '../../name.ts';
import { compareCanonical } from '../../rrset.ts';
import { decodeTypeBitmap } from '../../type-bitmap.ts';
import {
  isCutAbove,
  judgeTypes,
  NAME_ABSENT,
  TYPE_ABSENT,
  type Absence,
  type Asked,
  type Denier,
} from './absence.ts';
import type { Verified } from './verify-signed.ts';

interface Nsec {
  readonly owner: Name;
  readonly next: Name;
  readonly types: ReadonlySet<number>;
}

const ASTERISK = encodeUtf8('*');

/** RFC 4035 §5.4 with RFC 6840 §4. The records are verified. */
export function createNsecDenier(records: readonly Verified[]): Denier {
  const nsecs = records.flatMap(readNsec);
  return {
    proveAbsence: asked => proveAbsence(nsecs, asked),
    proveNoCloserName({ name }, labels) {
      const nextCloser = name.slice(name.length - labels - 1);
      return nsecs.some(nsec => covers(nsec, nextCloser)) ? { secure: true } : undefined;
    },
  };
}

function readNsec({ rrset, fromWildcard }: Verified): Nsec[] {
  // RFC 4035 §5.4: an NSEC stands where its name is; one made from a wildcard says nothing of the name that it shows.
  if (fromWildcard) return [];
  const [data] = rrset.data;
  const next = data === undefined ? undefined : decodeName(data, 0);
  if (data === undefined || next?.ok !== true) return [];
  const types = decodeTypeBitmap(data.subarray(next.value.end));
  return types === undefined ? [] : [{ owner: rrset.owner, next: next.value.name, types: new Set(types) }];
}

function proveAbsence(nsecs: readonly Nsec[], asked: Asked): Absence | undefined {
  const { name } = asked;
  const own = nsecs.find(({ owner }) => equalNames(owner, name));
  if (own !== undefined) return judgeTypes(own.types, asked);
  const covering = nsecs.find(nsec => covers(nsec, name));
  if (covering === undefined) return undefined;
  // RFC 4592 §2.2.2: a name that only has names below it exists, without any type.
  if (isAtOrBelow(covering.next, name)) return TYPE_ABSENT;
  const wildcard = [ASTERISK, ...closestEncloser(covering, name)];
  const atWildcard = nsecs.find(({ owner }) => equalNames(owner, wildcard));
  if (atWildcard !== undefined) return judgeTypes(atWildcard.types, { name: wildcard, type: asked.type });
  const besideWildcard = nsecs.find(nsec => covers(nsec, wildcard));
  if (besideWildcard === undefined) return undefined;
  return isAtOrBelow(besideWildcard.next, wildcard) ? TYPE_ABSENT : NAME_ABSENT;
}

/** Whether `name` is between the two: it does not exist, or only names below it do. */
function covers({ owner, next, types }: Nsec, name: Name): boolean {
  // RFC 6840 §4.1: what is below a cut or a DNAME is not the zone's to deny.
  if (isAtOrBelow(name, owner) && (isCutAbove(types) || types.has(TYPE.DNAME))) return false;
  if (compareCanonical(owner, name) >= 0) return false;
  // RFC 4034 §4.1.1: the last one leads back to the apex, which is at or above the owner.
  return compareCanonical(name, next) < 0 || isAtOrBelow(owner, next);
}

/** The longest name above `name` that is at or above one of the two that stand beside it, and so exists. */
function closestEncloser({ owner, next }: Nsec, name: Name): Name {
  for (let skipped = 1; skipped < name.length; skipped++) {
    const above = name.slice(skipped);
    if (isAtOrBelow(owner, above) || isAtOrBelow(next, above)) return above;
  }
  return [];
}
