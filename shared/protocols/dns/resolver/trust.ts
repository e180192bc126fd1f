import { TYPE } from '../message.ts';
import type { Failed, Outcome } from './outcome.ts';
import { knownDs } from './validation/verify-keys.ts';
import { INSECURE, type Trust } from './zone.ts';

/** It is proven that no zone begins there. */
export interface NoZone {
  readonly kind: 'no-zone';
}
const NO_ZONE: NoZone = { kind: 'no-zone' };

/** Whether the parent says that another zone begins at a name whose DS it was asked for. */
export function isCut(ds: Outcome): boolean {
  return ds.kind === 'found' ? ds.rrset.type === TYPE.DS : ds.kind === 'absent' && ds.isCut;
}

/** What the DS of a zone, as its parent shows it, lets us believe of the zone: RFC 4035 §5.2. */
export function trustOf(ds: Outcome): Trust | NoZone | Failed {
  if (ds.kind === 'failed') return ds;
  if (!ds.secure) return INSECURE;
  if (ds.kind === 'found' && ds.rrset.type === TYPE.DS) return trustByDs(ds.rrset.data);
  return isCut(ds) ? INSECURE : NO_ZONE;
}

/** RFC 4035 §5.2: a zone of which no DS can be followed is as one that is not signed. */
export function trustByDs(ds: readonly Uint8Array[]): Trust {
  const known = knownDs(ds);
  return known.length === 0 ? INSECURE : { kind: 'keyless', ds: known };
}
