import { DeviceError } from '../../../shared/devices/device-error.ts';
import type { Devices } from '../../../shared/devices/devices.ts';
import { DnsUpdateError } from '../../../shared/components/dns-update/dns-update-error.ts';
import { findAddresses } from '../../../shared/components/dns-update/name-servers.ts';
import { query, type ServerDevices } from '../../../shared/components/dns-update/server.ts';
import { CLASS_IN, FLAG, RCODE, TYPE, type Message } from '../../../shared/protocols/dns/message.ts';
import { equalNames, formatName, type Name } from '../../../shared/protocols/dns/name.ts';

/** What the parent has of a zone. `reason` is a sentence's end for people. */
export type ParentSight =
  | {
      readonly kind: 'seen';
      readonly parent: string;
      readonly ds: readonly Uint8Array[];
      readonly ttlSeconds?: number;
    }
  | { readonly kind: 'fault'; readonly reason: string };

/** Looks at the parents of zones. */
export interface ParentView {
  /** The data of the DS records that every server of the parent has. @throws the signal's reason. */
  dsAt(zone: Name, signal?: AbortSignal): Promise<ParentSight>;
}

export type ParentDevices = ServerDevices & Pick<Devices, 'resolver'>;

export const DNS_PORT = 53;

/** Asks each server of the parent by itself, so that no cache stands between (RFC 7583 §3.3.1: "the DS RRset has been seen"). */
export function createParentView(devices: ParentDevices): ParentView {
  return {
    async dsAt(zone, signal) {
      try {
        return await look(zone, devices, signal);
      } catch (error) {
        signal?.throwIfAborted();
        if (error instanceof DeviceError || error instanceof DnsUpdateError)
          return { kind: 'fault', reason: error.message };
        throw error;
      }
    },
  };
}

export interface ParentServers {
  readonly parent: Name;
  readonly names: readonly string[];
}

async function look(zone: Name, devices: ParentDevices, signal?: AbortSignal): Promise<ParentSight> {
  const found = await findParent(zone, devices, signal);
  if (found === undefined) return { kind: 'fault', reason: 'the servers of its parent cannot be found' };
  const parent = formatName(found.parent);
  const answers: Seen[] = [];
  for (const name of found.names) {
    const seen = await askServer(name, zone, devices, signal);
    if (seen === undefined)
      return { kind: 'fault', reason: `${name}, a server of ${parent}, does not answer` };
    answers.push(...seen);
  }
  const [first] = answers;
  if (first === undefined || answers.some(({ key }) => key !== first.key))
    return { kind: 'fault', reason: `the servers of ${parent} do not all have the same DS records` };
  const ttls = answers.flatMap(({ ttlSeconds }) => ttlSeconds ?? []);
  return { kind: 'seen', parent, ds: first.ds, ...(ttls.length > 0 && { ttlSeconds: Math.max(...ttls) }) };
}

/** The zone that the delegation stands in is the nearest name above that has name servers. */
export async function findParent(
  zone: Name,
  { resolver }: ParentDevices,
  signal?: AbortSignal,
): Promise<ParentServers | undefined> {
  for (let up = 1; up <= zone.length; up++) {
    const parent = zone.slice(up);
    const { records } = await resolver.resolve(formatName(parent), 'NS', signal);
    if (records.length > 0) return { parent, names: records };
  }
  return undefined;
}

interface Seen {
  readonly ds: readonly Uint8Array[];
  /** To compare by. */
  readonly key: string;
  readonly ttlSeconds?: number;
}

/** What a name server says at each address that answers; undefined: none does. */
async function askServer(
  server: string,
  zone: Name,
  devices: ParentDevices,
  signal?: AbortSignal,
): Promise<readonly Seen[] | undefined> {
  const seen: Seen[] = [];
  for (const host of await findAddresses([server], devices.resolver, signal)) {
    const question = { name: zone, type: TYPE.DS, class: CLASS_IN };
    const answer = await query({ host, port: DNS_PORT }, question, devices, signal).catch(
      (error: unknown) => {
        // An address of a family that this machine has not, or a server that is down: its others are asked.
        if (error instanceof DnsUpdateError || error instanceof DeviceError) return undefined;
        throw error;
      },
    );
    const said = answer && readDs(answer, zone);
    if (said !== undefined) seen.push(said);
  }
  return seen.length === 0 ? undefined : seen;
}

/** undefined: no answer with authority. */
function readDs({ bytes, flags, rcode, answers }: Message, zone: Name): Seen | undefined {
  const isAnswer = rcode === RCODE.NOERROR || rcode === RCODE.NXDOMAIN;
  if (!isAnswer || (flags & FLAG.AA) === 0) return undefined;
  const records = answers.filter(({ type, name }) => type === TYPE.DS && equalNames(name, zone));
  const ds = records.map(({ dataStart, dataEnd }) => bytes.slice(dataStart, dataEnd));
  const key = ds
    .map(data => data.toHex())
    .sort()
    .join(' ');
  const [first] = records;
  return { ds, key, ...(first !== undefined && { ttlSeconds: first.ttlSeconds }) };
}
