import { formatRcode, RCODE } from '../../protocols/dns/message.ts';
import type { TsigFault } from '../../protocols/dns/tsig.ts';

/** Why a record could not be changed, in words for whoever runs the appliance: what, where, what would be right. */
export class DnsUpdateError extends Error {
  override name = 'DnsUpdateError';
  /** Whether the same may succeed later without anybody changing anything. */
  readonly temporary: boolean;

  constructor(message: string, options: { cause?: unknown; temporary?: boolean } = {}) {
    super(message, options);
    this.temporary = options.temporary ?? false;
  }
}

/** The error that an rcode of a response to an update stands for: RFC 2136 §2.2. `what` was to be changed, for people. */
export function updateRefused(
  server: string,
  { zone, what }: { readonly zone: string; readonly what: string },
  rcode: number,
): DnsUpdateError {
  const hint =
    rcode === RCODE.REFUSED ? `allow this key to change ${what}` : (hints[rcode] ?? 'look into its log');
  return new DnsUpdateError(
    `${server} refused to update the zone ${zone} (${formatRcode(rcode)}): ${hint}`,
    // RFC 2136 §4.7: SERVFAIL and NOTIMP say nothing about our request; the first passes.
    { temporary: rcode === RCODE.SERVFAIL },
  );
}

const hints: Readonly<Record<number, string>> = {
  [RCODE.FORMERR]: 'it does not understand the update; is it a server that takes RFC 2136 updates?',
  [RCODE.SERVFAIL]: 'it has trouble of its own; it is asked again later',
  [RCODE.NOTIMP]: 'it takes no updates at all; name the primary server of the zone',
  [RCODE.NOTAUTH]: 'it is not the primary server of that zone, or the key is not allowed there',
  [RCODE.NOTZONE]: 'the name is not inside that zone',
};

/** The error that a fault of a response's signature stands for: RFC 8945 §5.2 and §5.3. */
export function notSignedRight(server: string, key: string, fault: TsigFault, nowMs: number): DnsUpdateError {
  const text = fault.fromPeer ? peerFault(key, fault, nowMs) : ownFault(key, fault, nowMs);
  return new DnsUpdateError(`${server}: ${text}`, { temporary: fault.error === 'BADTIME' });
}

function peerFault(key: string, fault: TsigFault, nowMs: number): string {
  if (fault.error === 'BADKEY') return `it does not know the key ${key}, or not with this algorithm (BADKEY)`;
  if (fault.error === 'BADTIME') return `the clocks differ too much (BADTIME): ${clocks(fault, nowMs)}`;
  return `it does not accept the signature made with the key ${key} (${fault.error}): is the secret the same there?`;
}

function ownFault(key: string, fault: TsigFault, nowMs: number): string {
  if (fault.error === 'unsigned') return 'its answer is not signed, so anybody could have sent it';
  if (fault.error === 'BADTIME') return `its answer is not of this time: ${clocks(fault, nowMs)}`;
  return `its answer is not signed with the key ${key} as it should be (${fault.error})`;
}

function clocks({ peerSeconds }: TsigFault, nowMs: number): string {
  const here = new Date(nowMs).toISOString();
  return peerSeconds === undefined
    ? `it is ${here} here`
    : `it is ${here} here and ${formatSeconds(peerSeconds)} there`;
}

/** A time of 48 bits may lie beyond what a Date can show. */
function formatSeconds(seconds: number): string {
  const date = new Date(seconds * 1000);
  return Number.isNaN(date.getTime()) ? `${seconds} s after 1970` : date.toISOString();
}
