import type { Endpoint } from '../../../devices/tcp.ts';
import type { RRset } from '../rrset.ts';
import type { Fault } from './fault.ts';
import type { Reply } from './reply.ts';

/** What is known of a name and a type. `secure`: proven by signatures up to a trust anchor; else it is proven that there can be none. */
export type Outcome = Found | Absent | Failed;

/** Records of the type, or the CNAME that stands for them. */
export interface Found {
  readonly kind: 'found';
  readonly rrset: RRset;
  readonly secure: boolean;
  /** What is left of the TTL. */
  readonly ttlSeconds: number;
}

export interface Absent {
  readonly kind: 'absent';
  /** Whether the name exists, with other types or with names below it. */
  readonly exists: boolean;
  readonly secure: boolean;
  /** Of type DS: the name is, or may be (RFC 5155 §6, opt-out), where another zone begins, which is insecure. */
  readonly isCut: boolean;
  /** What is left of it. */
  readonly ttlSeconds: number;
}

export interface Failed {
  readonly kind: 'failed';
  readonly fault: Fault;
}

/** An answer that the keys of its zone do not prove. It may be of a zone below, on the same server, of which nothing is known yet. */
export interface Unproved {
  readonly reply: Reply;
  /** Labels of the zone whose keys did not prove it. */
  readonly zoneLabels: number;
  readonly server: Endpoint;
  readonly fault: Fault;
}

export function found(rrset: RRset, secure: boolean): Found {
  return { kind: 'found', rrset, secure, ttlSeconds: rrset.ttlSeconds };
}

export function failed(why: Fault): Failed {
  return { kind: 'failed', fault: why };
}

/** Of the objects around one array of bytes: measured with Node 26 at about 100. */
const ARRAY_BYTES = 100;
/** A message taken apart takes about this much more than its bytes. */
const REPLY_FACTOR = 8;

/** About what it takes to keep it, in bytes. */
export function outcomeBytes(outcome: Outcome): number {
  if (outcome.kind !== 'found') return 0;
  return outcome.rrset.data.reduce((total, data) => total + ARRAY_BYTES + data.length, 0);
}

export function unprovedBytes({ reply }: Unproved): number {
  return reply.bytes * REPLY_FACTOR;
}
