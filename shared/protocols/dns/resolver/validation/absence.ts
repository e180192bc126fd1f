import { TYPE } from '../../message.ts';

/** What the NSEC or NSEC3 records of a zone prove of a name and a type that are not there. */
export interface Absence {
  readonly exists: boolean;
  /** Of type DS: another zone begins at the name, without DS. */
  readonly isCut: boolean;
  /** False where opt-out leaves room for names that are not signed: RFC 5155 §9.2. */
  readonly secure: boolean;
}

export const NAME_ABSENT: Absence = { exists: false, isCut: false, secure: true };
export const TYPE_ABSENT: Absence = { exists: true, isCut: false, secure: true };

/** Denies names and types; undefined: nothing that these records prove. */
export interface Denier {
  proveAbsence(asked: Asked): Absence | undefined;
  /** Of an answer made from a wildcard: no closer name exists. `labels` of the name that the wildcard stands below. */
  proveNoCloserName(asked: Asked, labels: number): { readonly secure: boolean } | undefined;
}

export interface Asked {
  readonly name: readonly Uint8Array[];
  readonly type: number;
}

/** RFC 6840 §4.1: NS without SOA is the parent's side of a cut, where it has no say in anything but DS. */
export function isCutAbove(types: ReadonlySet<number>): boolean {
  return types.has(TYPE.NS) && !types.has(TYPE.SOA);
}

/** Whether the types at a name prove that it has none of `type`, and no alias: RFC 4035 §5.4, RFC 5155 §8.5. */
export function judgeTypes(types: ReadonlySet<number>, { name, type }: Asked): Absence | undefined {
  if (types.has(type) || types.has(TYPE.CNAME)) return undefined;
  // RFC 9824 §3.1: that there is no such name, said by the name itself.
  if (types.has(TYPE.NXNAME)) return NAME_ABSENT;
  if (type !== TYPE.DS) return isCutAbove(types) ? undefined : TYPE_ABSENT;
  // RFC 4035 §5.2, RFC 6840 §4.4: DS is the parent's; what has an SOA is the child's word. The root has no parent.
  if (types.has(TYPE.SOA) && name.length > 0) return undefined;
  return { exists: true, isCut: types.has(TYPE.NS), secure: true };
}
