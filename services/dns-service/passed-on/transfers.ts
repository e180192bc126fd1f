import type { ZoneDifference } from '../../../shared/protocols/dns/changes/difference.ts';
import {
  CLASS_IN,
  OPCODE,
  opcodeOf,
  RCODE,
  TYPE,
  type Message,
} from '../../../shared/protocols/dns/message.ts';
import { dataFromMessage } from '../../../shared/protocols/dns/record-types/wire.ts';
import type { RRset } from '../../../shared/protocols/dns/rrset.ts';
import { isLaterSerial, soaTimesOf } from '../../../shared/protocols/dns/serial.ts';
import { packMessages } from '../../../shared/protocols/dns/transfer/pack-messages.ts';
import { axfrRecords, ixfrRecords } from '../../../shared/protocols/dns/transfer/transfer-records.ts';
import { TRANSFERS_MAX } from '../limits.ts';
import type { KeptZone } from '../zones/kept-zone.ts';
import { accessRule, isAllowed, type AccessRule } from './access.ts';
import type { Peer, Replies } from './handle.ts';
import { optFor, replyTo } from './reply.ts';
import type { PassedOnHandler, PassedOnRequest } from './request.ts';
import type { ZoneList } from './zone-list.ts';

/** Gives zones to those who may have them: AXFR (RFC 5936) and IXFR (RFC 1995). */
export class Transfers implements PassedOnHandler {
  readonly #zones: ZoneList;
  readonly #rules = new Map<KeptZone, readonly AccessRule[]>();
  #running = 0;

  constructor(zones: ZoneList) {
    this.#zones = zones;
  }

  handle(request: PassedOnRequest): Replies | undefined {
    const { message, peer } = request;
    const [question] = message.questions;
    if (question === undefined || opcodeOf(message) !== OPCODE.QUERY) return undefined;
    const isWhole = question.type === TYPE.AXFR;
    if (question.class !== CLASS_IN || (!isWhole && question.type !== TYPE.IXFR)) return undefined;
    const zone = this.#zones.at(question.name);
    // RFC 5936 §2.2.1.
    if (zone === undefined) return [replyTo(message, RCODE.NOTAUTH)];
    if (!isTransferTransport(peer) || !isAllowed(this.#rulesOf(zone), request))
      return [replyTo(message, RCODE.REFUSED)];
    const serial = isWhole ? undefined : serialIn(message);
    // RFC 5936 §4.2: there is no AXFR over UDP. RFC 1995 §3: an IXFR request has the SOA of the version that is there.
    if (isWhole ? peer.transport === 'udp' : serial === undefined) return [replyTo(message, RCODE.FORMERR)];
    // RFC 5936 §2.2.1: what has expired, or is not there yet, is not given away.
    const isThere = zone.isAnswered && zone.served.rrsets.length > 0;
    if (!isThere || this.#running >= TRANSFERS_MAX) return [replyTo(message, RCODE.SERVFAIL)];
    return this.#transfer(request, zone, serial);
  }

  #rulesOf(zone: KeptZone): readonly AccessRule[] {
    let rules = this.#rules.get(zone);
    if (rules === undefined) {
      rules = zone.configuration['transfer-to'].map(accessRule);
      this.#rules.set(zone, rules);
    }
    return rules;
  }

  *#transfer(
    { message, peer, replyBytesMax: bytesMax }: PassedOnRequest,
    zone: KeptZone,
    serial: number | undefined,
  ): Generator<Uint8Array> {
    const question = message.questions[0];
    if (question === undefined) return;
    const options = { id: message.id, question, opt: optFor(message), bytesMax };
    this.#running++;
    try {
      yield* packMessages(recordsFor(zone, serial, peer.transport === 'udp'), options);
    } finally {
      this.#running--;
    }
  }
}

/** RFC 8484 carries one message, and a transfer may have many. RFC 9103 §7.2: over no TLS that is older than 1.3. */
function isTransferTransport({ transport, tlsVersion }: Peer): boolean {
  return transport !== 'https' && (tlsVersion === undefined || tlsVersion === 'TLSv1.3');
}

function recordsFor(
  zone: KeptZone,
  serial: number | undefined,
  isDatagram: boolean,
): ReturnType<typeof axfrRecords> {
  const { served } = zone;
  if (serial === undefined) return axfrRecords(served);
  // RFC 1995 §2: who has this version or a later one gets the SOA alone, and so does who has to come back by TCP (§4).
  if (isDatagram || !isLaterSerial(zone.serial, serial)) return ixfrRecords(served, []);
  const differences = zone.differencesSince(serial);
  // RFC 1995 §4: the whole zone where what changed is not known or not shorter.
  const isShorter = differences !== undefined && countRecords(differences) < served.rrsets.length;
  return isShorter ? ixfrRecords(served, differences) : axfrRecords(served);
}

function countRecords(differences: readonly ZoneDifference[]): number {
  const count = (rrsets: readonly RRset[]): number => rrsets.reduce((sum, { data }) => sum + data.length, 0);
  return differences.reduce((sum, { removed, added }) => sum + count(removed) + count(added), 0);
}

/** RFC 1995 §3: in the authority section. */
function serialIn({ bytes, authorities }: Message): number | undefined {
  const [soa] = authorities;
  if (soa?.type !== TYPE.SOA) return undefined;
  const data = dataFromMessage(bytes, TYPE.SOA, soa.dataStart, soa.dataEnd);
  return data.ok ? soaTimesOf(data.value).serial : undefined;
}
