import { encodeUtf8 } from '../../base/bytes.ts';
import type { Devices } from '../../devices/devices.ts';
import type { Resolver } from '../../devices/resolver.ts';
import type { Endpoint } from '../../devices/tcp.ts';
import type { RecordToEncode } from '../../protocols/dns/encode-message.ts';
import { CLASS_IN, TYPE, type Message, type Question } from '../../protocols/dns/message.ts';
import { formatName, type Name } from '../../protocols/dns/name.ts';
import type { TsigAlgorithm, TsigKey } from '../../protocols/dns/tsig-mac.ts';
import { addRecord, deleteRecord, encodeTxtData } from '../../protocols/dns/update.ts';
import { parseAddress } from '../../protocols/ip/address.ts';
import { followAliases, toName } from './aliases.ts';
import { awaitServers } from './await-servers.ts';
import type { ChallengeRecord, DnsChallengeSolver } from './dns-challenge-solver.ts';
import { DnsUpdateError } from './dns-update-error.ts';
import { formatServer } from './exchange.ts';
import { findZone } from './find-zone.ts';
import { findAddresses, readNameServers } from './name-servers.ts';
import { query, sendUpdate, type ZoneUpdate } from './server.ts';

export interface DnsUpdateOptions {
  /** The primary server of the zone: a name or a numeric address. */
  readonly server: Endpoint;
  readonly key: {
    readonly name: string;
    readonly algorithm: TsigAlgorithm;
    /** Never logged. */
    readonly secret: Uint8Array;
  };
  /** Where the zone's servers answer; other than 53 in tests alone. */
  readonly nameServerPort?: number;
}

export type DnsUpdateDevices = Pick<Devices, 'udp' | 'tcp' | 'clock' | 'random' | 'resolver' | 'log'>;

/** Seconds that caches may keep the record: it is gone within minutes, and a second value may be added meanwhile. */
const TTL_SECONDS = 60;
const DNS_PORT = 53;

/** Solves dns-01 by updates (RFC 2136) signed with a shared key (RFC 8945). @throws DnsUpdateError for a key name that is none. */
export function createDnsUpdateSolver(
  options: DnsUpdateOptions,
  devices: DnsUpdateDevices,
): DnsChallengeSolver {
  const key: TsigKey = { ...options.key, name: toName(options.key.name) };
  return {
    async present(record, signal) {
      const place = await findPlace(record, options.server, devices, signal);
      const changes = [addRecord(place.text, TTL_SECONDS)];
      await change(place, { zone: place.zone, key, changes }, devices, signal);
      const question = { name: place.text.name, type: TYPE.TXT, class: CLASS_IN };
      const servers = await findServers(place, options.nameServerPort ?? DNS_PORT, devices.resolver, signal);
      const ask = (server: Endpoint): Promise<Message> => query(server, question, devices, signal);
      await awaitServers({ servers, question, value: record.value }, ask, devices, signal);
    },
    async remove(record, signal) {
      const place = await findPlace(record, options.server, devices, signal);
      const changes = [deleteRecord(place.text)];
      await change(place, { zone: place.zone, key, changes }, devices, signal);
    },
  };
}

/** Where a record belongs. */
interface Place {
  readonly server: Endpoint;
  readonly zone: Name;
  readonly text: Pick<RecordToEncode, 'name' | 'type' | 'data'>;
  readonly ask: (question: Question) => Promise<Message>;
}

async function findPlace(
  record: ChallengeRecord,
  primary: Endpoint,
  devices: DnsUpdateDevices,
  signal?: AbortSignal,
): Promise<Place> {
  const server = await locate(primary, devices.resolver, signal);
  const name = await followAliases(record.name, devices.resolver, signal);
  const ask = (question: Question): Promise<Message> => query(server, question, devices, signal);
  const zone = await findZone(name, ask, formatServer(server));
  return {
    server,
    zone,
    ask,
    text: { name, type: TYPE.TXT, data: encodeTxtData(encodeUtf8(record.value)) },
  };
}

/** The server with a numeric address. @throws DnsUpdateError where its name has none. */
async function locate({ host, port }: Endpoint, resolver: Resolver, signal?: AbortSignal): Promise<Endpoint> {
  if (parseAddress(host) !== undefined) return { host, port };
  const [address] = await findAddresses([host], resolver, signal);
  if (address === undefined)
    throw new DnsUpdateError(`there is no address for the DNS server ${host}`, { temporary: true });
  return { host: address, port };
}

async function change(
  { server, text }: Place,
  update: ZoneUpdate,
  devices: DnsUpdateDevices,
  signal?: AbortSignal,
): Promise<void> {
  await sendUpdate(server, update, devices, signal);
  const [zone, name] = [formatName(update.zone), formatName(text.name)];
  devices.log.info(
    { server: formatServer(server), zone, name },
    'a DNS server has changed the TXT records of a name',
  );
}

/** All that the world may ask about the zone, the primary (which may be hidden) among them. */
async function findServers(
  { server, zone, ask }: Place,
  port: number,
  resolver: Resolver,
  signal?: AbortSignal,
): Promise<Endpoint[]> {
  const names = readNameServers(await ask({ name: zone, type: TYPE.NS, class: CLASS_IN }), zone);
  const addresses = await findAddresses(names, resolver, signal);
  const others = addresses.map(host => ({ host, port }));
  return [server, ...others.filter(other => formatServer(other) !== formatServer(server))];
}
