import type { Devices } from '../../shared/devices/devices.ts';
import type { Endpoint } from '../../shared/devices/tcp.ts';
import type { KeyRole } from '../../shared/protocols/dns/key-roll/state.ts';
import { formatRcode } from '../../shared/protocols/dns/message.ts';
import { formatName } from '../../shared/protocols/dns/name.ts';
import type { TsigKey } from '../../shared/protocols/dns/tsig-mac.ts';
import type { Addresses } from '../../shared/protocols/home-address/addresses.ts';
import { formatZoneFault } from '../../shared/protocols/dns/zone-file/fault.ts';
import type { ServerConfiguration } from './config/servers.ts';
import type { KeptZone } from './zones/kept-zone.ts';
import type { ZoneKeeper } from './zones/zone-keeper.ts';

/** What happens in this service, each once: a line in the log, a count, or both. */
export interface Events {
  listening(address: Endpoint): void;
  /** Over TLS and over HTTPS. */
  listeningEncrypted(tls: Endpoint, https: Endpoint): void;
  /** By plain HTTP. */
  listeningForReports(address: Endpoint): void;
  /** A connection that never got through TLS: scanners, old clients, wrong protocols. */
  refused(reason: string): void;
  /** A fault of ours that cost a connection. */
  fault(owner: string, error: unknown): void;
  /** A zone was read at start, and signed where it is to be. */
  loaded(zone: ZoneKeeper): void;
  /** A newer file of the zone is served. */
  takenOver(zone: ZoneKeeper): void;
  signed(zone: ZoneKeeper): void;
  signingFailed(zone: ZoneKeeper, error: unknown): void;
  rollFailed(zone: ZoneKeeper, error: unknown): void;
  /** An update was answered with `rcode`. */
  updated(zone: KeptZone, key: TsigKey, rcode: number): void;
  updateFailed(zone: KeptZone, error: unknown): void;
  /** Records were changed by hand, not by an update. */
  changedByOperator(zone: KeptZone, operator: string): void;
  rolledByOperator(zone: KeptZone, role: KeyRole, operator: string): void;
  /** A secondary has heard of the version that is served. */
  notified(zone: KeptZone, server: ServerConfiguration): void;
  notifyFailed(zone: KeptZone, server: ServerConfiguration, reason: string): void;
  /** Somebody whom the parent names has heard of new CDS records. */
  parentNotified(zone: KeptZone, target: Endpoint): void;
  parentNotifyFailed(zone: KeptZone, target: Endpoint, reason: string): void;
  /** A primary's version is served. */
  fetched(zone: KeptZone, primary: Endpoint): void;
  fetchFailed(zone: KeptZone, primary: Endpoint, reason: string): void;
  /** A secondary's zone is not answered from any more. */
  expired(zone: KeptZone): void;
  /** A name that follows the line has other addresses. */
  followed(name: string, addresses: Addresses): void;
  followFailed(name: string, error: unknown): void;
  /** The machine's own addresses could not be looked at. */
  interfaceFailed(reason: string): void;
  /** A server that tells the line's address could not be asked. */
  questionFailed(server: string, reason: string): void;
  /** A router reported addresses, and was answered so. */
  reported(client: string, answer: string): void;
}

export function createEvents({ log, metrics }: Pick<Devices, 'log' | 'metrics'>): Events {
  const refusals = metrics.counter(
    'lares_dns_connections_refused_total',
    'Connections that never got through TLS.',
    ['reason'],
  );
  return {
    listening: address => log.info({ address }, 'the DNS service is listening'),
    listeningEncrypted: (tls, https) =>
      log.info({ tls, https }, 'the DNS service is listening for encrypted connections'),
    listeningForReports: address => log.info({ address }, 'routers may report addresses by plain HTTP'),
    refused: reason => refusals.add(1, { reason }),
    fault: (owner, error) =>
      log.error({ owner, reason: messageOf(error) }, 'a connection could not be served'),
    loaded: zone => {
      log.info(factsOf(zone), 'a zone is served');
      for (const fault of zone.faults.warnings)
        log.warn({ zone: zone.configuration.name, fault: formatZoneFault(fault) }, 'a zone file is odd');
    },
    takenOver: zone => log.info(versionOf(zone), 'a newer file of a zone was taken over'),
    signed: zone => log.info(factsOf(zone), 'a zone was signed again'),
    signingFailed: (zone, error) =>
      log.error(
        { zone: zone.configuration.name, reason: messageOf(error) },
        'a zone could not be signed again',
      ),
    rollFailed: (zone, error) =>
      log.error(
        { zone: zone.configuration.name, reason: messageOf(error) },
        "a step of the roll of a zone's keys could not be made",
      ),
    updated: (zone, key, rcode) =>
      log.info(
        { ...versionOf(zone), key: formatName(key.name), rcode: formatRcode(rcode) },
        'an update was answered',
      ),
    updateFailed: (zone, error) =>
      log.error({ ...versionOf(zone), reason: messageOf(error) }, 'an update could not be kept'),
    changedByOperator: (zone, operator) =>
      log.info({ ...versionOf(zone), operator }, 'records were changed by an operator'),
    rolledByOperator: (zone, role, operator) =>
      log.info({ ...versionOf(zone), role, operator }, 'the roll of a key was begun by an operator'),
    notified: (zone, { address }) =>
      log.info({ ...versionOf(zone), secondary: address }, 'a secondary was told of the version'),
    parentNotified: (zone, target) =>
      log.info({ ...versionOf(zone), target }, 'the parent was told of new CDS records'),
    parentNotifyFailed: (zone, target, reason) =>
      log.warn({ ...versionOf(zone), target, reason }, 'the parent could not be told of new CDS records'),
    fetched: (zone, primary) =>
      log.info({ ...versionOf(zone), primary }, 'a version was fetched from a primary'),
    fetchFailed: (zone, primary, reason) =>
      log.warn({ ...versionOf(zone), primary, reason }, 'a zone could not be fetched from a primary'),
    followed: (name, addresses) => log.info({ name, ...addresses }, 'a name has other addresses'),
    followFailed: (name, error) =>
      log.error({ name, reason: messageOf(error) }, 'the addresses of a name could not be changed'),
    interfaceFailed: reason => log.warn({ reason }, 'the addresses of this machine could not be seen'),
    questionFailed: (server, reason) =>
      log.warn({ server, reason }, "the line's address could not be asked for"),
    reported: (client, answer) => log.info({ client, answer }, 'a report of addresses was answered'),
    expired: zone => log.error(versionOf(zone), 'a zone has expired: no primary answers'),
    notifyFailed: (zone, { address }, reason) =>
      log.warn(
        { ...versionOf(zone), secondary: address, reason },
        'a secondary could not be told of the version',
      ),
  };
}

function versionOf({ configuration, serial }: KeptZone): Readonly<Record<string, unknown>> {
  return { zone: configuration.name, serial };
}

function factsOf({ configuration, serial, signer, served }: ZoneKeeper): Readonly<Record<string, unknown>> {
  const signedBy =
    signer === undefined ? {} : { keyTags: signer.keys.state.keys.map(({ id }) => Number(id)) };
  return { zone: configuration.name, serial, rrsets: served.rrsets.length, ...signedBy };
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
