import { assert } from '../base/assert.ts';
import type { Clock } from '../devices/clock.ts';
import { DeviceError } from '../devices/device-error.ts';
import type { Endpoint } from '../devices/tcp.ts';
import type { DataPlanes } from '../devices/udp.ts';
import { normalizeAddress } from './addresses.ts';
import { addressAsSeenBy, bindTo, findBinding, unbind } from './binding.ts';
import type { Life } from './life.ts';
import type { Binding, DatagramHandler, Network, Site } from './network.ts';

export interface UdpContext {
  readonly network: Network;
  readonly site: Site;
  readonly life: Life;
  readonly clock: Clock;
  readonly planes: DataPlanes;
}

/** RFC 768's 16-bit length less the UDP and IPv4 headers. */
const DATAGRAM_MAX_BYTES = 65_507;

/** A bound port: what `bind` and `serve` have in common. */
export interface Port {
  readonly address: Endpoint;
  send(bytes: Uint8Array, to: Endpoint): Promise<void>;
  close(): void;
}

export function openPort(context: UdpContext, wanted: Endpoint, onDatagram: DatagramHandler): Port {
  const { site, life } = context;
  const binding = bindTo(site, site.sockets, wanted, onDatagram);
  life.record(`udp binds ${binding.endpoint.port}`);
  let isOpen = true;
  return {
    address: binding.endpoint,
    async send(bytes, to) {
      if (!isOpen) throw new DeviceError('closed', `UDP port ${binding.endpoint.port} is closed`);
      if (bytes.length > DATAGRAM_MAX_BYTES)
        throw new DeviceError(
          'too-large',
          `a datagram of ${bytes.length} bytes is longer than ${DATAGRAM_MAX_BYTES}`,
        );
      if (life.alive) sendDatagram(context, binding, { bytes: bytes.slice(), to });
      await life.delay(0);
    },
    close() {
      isOpen = false;
      if (life.alive) unbind(site.sockets, binding);
    },
  };
}

interface Outgoing {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly to: Endpoint;
}

/** Gives one datagram to the network, which may lose, delay or double it. */
function sendDatagram(context: UdpContext, from: Binding<DatagramHandler>, { bytes, to }: Outgoing): void {
  const { network, site, life } = context;
  const host = normalizeAddress(to.host);
  const target = network.siteAt(site, host);
  life.record(`udp ${from.endpoint.port} > ${target?.name ?? host}:${to.port} ${bytes.length} B`);
  if (target === undefined) return;
  assert(host !== '::' && host !== '0.0.0.0', 'a datagram needs a destination');
  const { lossRate, duplicateRate } = network.conditions(site, target);
  if (network.prng.chance(lossRate)) return life.record('udp lost');
  const source = { host: network.sourceAddress(site, host), port: from.endpoint.port };
  const copies = network.prng.chance(duplicateRate) ? 2 : 1;
  for (let copy = 0; copy < copies; copy++)
    network.timeline.schedule.after(network.latencyUs(site, target), () => {
      // Of the second copy the receiver may keep the bytes too.
      if (!network.isCut(site, target))
        arrive(target, source, { bytes: copy === 0 ? bytes : bytes.slice(), to: { host, port: to.port } });
    });
}

function arrive(target: Site, source: Endpoint, { bytes, to }: Outgoing): void {
  const binding = findBinding(target.sockets, to);
  target.life?.record(
    `udp ${to.port} < ${source.host}:${source.port} ${bytes.length} B${binding === undefined ? ' unbound' : ''}`,
  );
  binding?.handler(bytes, { host: addressAsSeenBy(binding.endpoint, source.host), port: source.port });
}
