import { encodeMessage } from '../encode-message.ts';
import { CLASS_IN, TYPE, type Question } from '../message.ts';
import type { Name } from '../name.ts';
import type { RRset } from '../rrset.ts';

/** Asks for what changed since the version of `soa` (RFC 1995 §3: it stands in the authority section); without it for the whole zone. */
export function encodeTransferRequest(id: number, apex: Name, soa?: RRset): Uint8Array<ArrayBuffer> {
  return encodeMessage({
    id,
    flags: 0,
    questions: [transferQuestion(apex, soa)],
    authorities:
      soa?.data.map(data => ({
        name: apex,
        type: TYPE.SOA,
        class: CLASS_IN,
        ttlSeconds: soa.ttlSeconds,
        data,
      })) ?? [],
  });
}

export function transferQuestion(name: Name, soa?: RRset): Question {
  return { name, type: soa === undefined ? TYPE.AXFR : TYPE.IXFR, class: CLASS_IN };
}
