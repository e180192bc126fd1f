import { encodeUtf8, equalBytes } from '../../../shared/base/bytes.ts';
import { awaitServers } from '../../../shared/components/dns-update/await-servers.ts';
import { toName } from '../../../shared/components/dns-update/aliases.ts';
import type {
  ChallengeRecord,
  DnsChallengeSolver,
} from '../../../shared/components/dns-update/dns-challenge-solver.ts';
import { DnsUpdateError } from '../../../shared/components/dns-update/dns-update-error.ts';
import { findAddresses } from '../../../shared/components/dns-update/name-servers.ts';
import { query } from '../../../shared/components/dns-update/server.ts';
import type { Devices } from '../../../shared/devices/devices.ts';
import type { Endpoint } from '../../../shared/devices/tcp.ts';
import { ZoneDraft } from '../../../shared/protocols/dns/changes/zone-draft.ts';
import { CLASS_IN, TYPE, type Message } from '../../../shared/protocols/dns/message.ts';
import { decodeName, equalNames, formatName, type Name } from '../../../shared/protocols/dns/name.ts';
import type { RRset, Zone } from '../../../shared/protocols/dns/rrset.ts';
import { encodeTxtData } from '../../../shared/protocols/dns/update.ts';
import type { Edited, KeptZone } from '../zones/kept-zone.ts';
import { nearestZone } from '../zones/nearest-zone.ts';

/** Caches may keep the record for so long: it is gone within minutes, and a second value may be added meanwhile. */
const TTL_SECONDS = 60;
const DNS_PORT = 53;

export type OwnZoneDevices = Pick<Devices, 'udp' | 'tcp' | 'clock' | 'random' | 'resolver' | 'log'>;

export interface OwnZones {
  readonly zones: readonly KeptZone[];
  /** Where this server answers this server. */
  readonly here: Endpoint;
}

/** Solves dns-01 (RFC 8555 §8.4) in the zones that this very server has, without a key or a password of anybody. */
export function createOwnZoneSolver(own: OwnZones, devices: OwnZoneDevices): DnsChallengeSolver {
  return {
    async present(record, signal) {
      const { zone, text } = placeOf(record, own);
      await zone.change(content => withText(content, text));
      const question = { name: text.owner, type: TYPE.TXT, class: CLASS_IN };
      const servers = [own.here, ...(await secondariesOf(zone, devices, signal))];
      const ask = (server: Endpoint): Promise<Message> => query(server, question, devices, signal);
      // The authority may ask any of them.
      await awaitServers({ servers, question, value: record.value }, ask, devices, signal);
    },
    async remove(record) {
      const { zone, text } = placeOf(record, own);
      await zone.change(content => withoutText(content, text));
    },
  };
}

/** The zone that a name is in and that is changed here; undefined: none, or one that is fetched from its primaries. */
export function zoneOf(name: Name, zones: readonly KeptZone[]): KeptZone | undefined {
  const nearest = nearestZone(name, zones);
  return nearest?.configuration.primaries.length === 0 ? nearest : undefined;
}

interface Text {
  readonly owner: Name;
  readonly data: Uint8Array;
}

function placeOf({ name, value }: ChallengeRecord, { zones }: OwnZones): { zone: KeptZone; text: Text } {
  const owner = toName(name);
  const zone = zoneOf(owner, zones);
  if (zone === undefined)
    throw new DnsUpdateError(
      `${name} is in none of this server's zones; let its certificate be proved another way`,
    );
  return { zone, text: { owner, data: encodeTxtData(encodeUtf8(value)) } };
}

function withText(content: Zone, { owner, data }: Text): Edited<undefined> {
  const draft = new ZoneDraft(content);
  const there = draft.at(owner);
  // RFC 1034 §3.6.2: beside an alias there is nothing else.
  if (there.some(({ type }) => type === TYPE.CNAME))
    throw new DnsUpdateError(`${formatName(owner)} is an alias in the zone itself: take the CNAME away`);
  const texts = textsOf(there);
  if (texts?.data.some(each => equalBytes(each, data)) === true)
    return { next: undefined, result: undefined };
  const all = [...(texts?.data ?? []), data];
  draft.put({ owner, type: TYPE.TXT, ttlSeconds: TTL_SECONDS, data: all });
  return { next: draft.finish(), result: undefined };
}

function withoutText(content: Zone, { owner, data }: Text): Edited<undefined> {
  const draft = new ZoneDraft(content);
  const texts = textsOf(draft.at(owner));
  const left = texts?.data.filter(each => !equalBytes(each, data));
  if (texts === undefined || left === undefined || left.length === texts.data.length)
    return { next: undefined, result: undefined };
  if (left.length > 0) draft.put({ ...texts, data: left });
  else draft.remove(texts);
  return { next: draft.finish(), result: undefined };
}

function textsOf(there: readonly RRset[]): RRset | undefined {
  return there.find(({ type }) => type === TYPE.TXT);
}

/** The addresses of the zone's name servers, among which this one may be. */
async function secondariesOf(
  { content, apex }: KeptZone,
  { resolver }: OwnZoneDevices,
  signal?: AbortSignal,
): Promise<Endpoint[]> {
  const servers = content.rrsets.find(({ owner, type }) => type === TYPE.NS && equalNames(owner, apex));
  const names = (servers?.data ?? []).flatMap(data => {
    const decoded = decodeName(data, 0);
    return decoded.ok ? [formatName(decoded.value.name)] : [];
  });
  const addresses = await findAddresses(names, resolver, signal);
  return addresses.map(host => ({ host, port: DNS_PORT }));
}
