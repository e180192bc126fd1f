import type { Devices } from '../../devices/devices.ts';
import { DeviceError } from '../../devices/device-error.ts';
import type { Answer, RecordType, Resolver } from '../../devices/resolver.ts';
import type { Endpoint } from '../../devices/tcp.ts';
import { TYPE } from '../../protocols/dns/message.ts';
import { parseName, type Name } from '../../protocols/dns/name.ts';
import { readRecordData } from '../../protocols/dns/record-data.ts';
import {
  ROOT_ANCHOR,
  ROOT_SERVERS,
  type RootServer,
  type TrustAnchor,
} from '../../protocols/dns/resolver/root.ts';
import type { Resolution } from '../../protocols/dns/resolver/state.ts';
import { CoreLoop, type CoreLoopDevices } from './core-loop.ts';

export type ValidatingResolverDevices = CoreLoopDevices & Pick<Devices, 'secureRandom'>;

export interface ValidatingResolverOptions {
  /** Resolvers that are asked for everything, with DNSSEC records (RFC 4035 §3.2); absent: the root's servers are, and whom they refer to. */
  readonly forwarders?: readonly Endpoint[];
  /** The default is the Internet's. */
  readonly rootServers?: readonly RootServer[];
  /** The default is the Internet's root. */
  readonly anchors?: readonly TrustAnchor[];
  /** Where servers listen that are found on the way; the default is 53. */
  readonly port?: number;
  /** The families of addresses that servers are asked at, the preferred one first; the default is A, then AAAA. */
  readonly families?: readonly ('A' | 'AAAA')[];
  /** How long a question may take; the default is ten seconds. */
  readonly deadlineMs?: number;
}

/** A mail server waits no longer for a name; what takes more has failed several times over. */
const DEADLINE_MS = 10_000;
const DNS_PORT = 53;
const SEED_BYTES = 32;

/** A resolver that believes nobody: `secure` is what it has proven itself. */
export interface ValidatingResolver extends Resolver, AsyncDisposable {
  /** The records as they are, with the aliases that led to them, or the reason why there is no answer (RFC 8914). */
  lookUp(name: Name, type: number, signal?: AbortSignal): Promise<Resolution>;
}

/** Its errors say in words what was wrong: which server was silent, which signature does not hold. */
export function createValidatingResolver(
  options: ValidatingResolverOptions,
  devices: ValidatingResolverDevices,
): ValidatingResolver {
  const { forwarders, families = ['A', 'AAAA'], deadlineMs = DEADLINE_MS } = options;
  const loop = new CoreLoop(
    {
      ...(forwarders === undefined ? {} : { forwarders }),
      rootServers: options.rootServers ?? ROOT_SERVERS,
      anchors: options.anchors ?? [ROOT_ANCHOR],
      port: options.port ?? DNS_PORT,
      addressTypes: families.map(family => TYPE[family]),
      seed: devices.secureRandom.bytes(SEED_BYTES),
    },
    devices,
  );
  return {
    lookUp: (name, type, signal) => loop.ask({ name, type, deadlineMs }, signal),
    async resolve(text, type, signal) {
      const name = parseName(text);
      if (!name.ok)
        throw new DeviceError(
          'name-server-failed',
          `${JSON.stringify(text)} is no domain name: ${name.error}`,
        );
      const resolution = await loop.ask({ name: name.value, type: TYPE[type], deadlineMs }, signal);
      return readResolution(resolution, text, type);
    },
    [Symbol.asyncDispose]: () => loop[Symbol.asyncDispose](),
  };
}

function readResolution<T extends RecordType>(resolution: Resolution, text: string, type: T): Answer<T> {
  if (resolution.kind === 'answered') {
    const { rrset, exists, secure, ttlSeconds } = resolution;
    const records = (rrset?.data ?? []).map(data => readRecordData(type, data));
    return { records, exists, secure, ttlSeconds };
  }
  const kind = resolution.kind === 'failed' ? 'name-server-failed' : 'timed-out';
  throw new DeviceError(kind, `${type} of ${text}: ${resolution.fault.text}`);
}
