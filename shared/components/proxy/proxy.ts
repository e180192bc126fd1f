import { formatHex } from '../../base/bytes.ts';
import type { Devices } from '../../devices/devices.ts';
import type { Endpoint } from '../../devices/tcp.ts';
import { BackendConnections } from './connections.ts';
import { Collector } from './content.ts';
import type { ProxyExchange, UpgradeExchange } from './exchange.ts';
import { forward } from './forward.ts';
import {
  EXCHANGES_MAX,
  EXCHANGES_PER_SHARE_MAX,
  TUNNELS_MAX,
  TUNNELS_PER_SHARE_MAX,
  WAIT_MAX_MS,
  WAITING_MAX,
  WAITING_PER_SHARE_MAX,
} from './limits.ts';
import { Places, type PlaceLimits } from './places.ts';
import { upgrade } from './upgrade.ts';
import { BackendWatch, type BackendHealth } from './watch.ts';

export interface BackendOptions {
  /** What the backend is called in health and log: the site's first name. */
  readonly name: string;
  /** `http://host:port`; the path of requests is passed on as it is. */
  readonly url: URL;
}

export type BackendDevices = Pick<Devices, 'tcp' | 'clock' | 'secureRandom' | 'log'> & {
  readonly health: BackendHealth;
};

export interface BackendStatus {
  /** Why it cannot be reached; undefined while it can. */
  readonly downReason: string | undefined;
  readonly exchanges: number;
  readonly waiting: number;
  readonly tunnels: number;
}

/** A server on the local network behind one of our names. */
export interface Backend extends Disposable {
  forward(exchange: ProxyExchange): void;
  upgrade(exchange: UpgradeExchange): void;
  status(): BackendStatus;
  /** Cuts WebSockets, which would not end by themselves; exchanges go on. */
  drain(): void;
}

const EXCHANGE_PLACES: PlaceLimits = {
  max: EXCHANGES_MAX,
  perShareMax: EXCHANGES_PER_SHARE_MAX,
  waitingMax: WAITING_MAX,
  waitingPerShareMax: WAITING_PER_SHARE_MAX,
  waitMaxMs: WAIT_MAX_MS,
};
const TUNNEL_PLACES: PlaceLimits = {
  ...EXCHANGE_PLACES,
  max: TUNNELS_MAX,
  perShareMax: TUNNELS_PER_SHARE_MAX,
};

/** Disposing it cuts whatever still runs. Nothing is connected before the first request. */
export function openBackend({ name, url }: BackendOptions, devices: BackendDevices): Backend {
  const { clock, secureRandom } = devices;
  const watch = new BackendWatch({ name, url: url.origin }, devices, () => void probe());
  const connections = new BackendConnections(devices.tcp, endpointOf(url), error => watch.connected(error));
  const probe = async (): Promise<void> => {
    await connections.connect().then(
      flow => flow.destroy(),
      () => undefined,
    );
  };
  const places = new Places(EXCHANGE_PLACES, clock);
  const tunnels = new Places(TUNNEL_PLACES, clock);
  const closing = new AbortController();
  const context = {
    clock,
    secureRandom,
    connections,
    places,
    collector: new Collector(clock),
    // RFC 9110 §7.6.3: a pseudonym in place of a host name; a fresh one, so that two of us in a row are told apart.
    pseudonym: `lares-${formatHex(secureRandom.bytes(6))}`,
    onFault: (error: unknown) => watch.faulted(error),
  };
  return {
    forward: exchange => void forward(exchange, context),
    upgrade: exchange => void upgrade(exchange, { ...context, places: tunnels, closing: closing.signal }),
    status: () => ({
      downReason: watch.reason(),
      exchanges: places.counts().taken,
      waiting: places.counts().waiting,
      tunnels: tunnels.counts().taken,
    }),
    drain: () => closing.abort(),
    [Symbol.dispose]() {
      closing.abort();
      watch[Symbol.dispose]();
      places[Symbol.dispose]();
      tunnels[Symbol.dispose]();
      connections.destroy();
    },
  };
}

function endpointOf(url: URL): Endpoint {
  // A URL has IPv6 addresses in brackets; the Tcp device wants them without.
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
  return { host, port: url.port === '' ? 80 : Number(url.port) };
}
