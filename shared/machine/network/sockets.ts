import { createSocket } from 'node:dgram';
import type { Socket } from 'node:dgram';
import { openPacketSocket } from '../../host/ffi/packet-socket.ts';
import { ARP_FILTER } from '../../protocols/arp/filter.ts';
import { DHCP_FILTER } from '../../protocols/dhcp/filter.ts';
import { CLIENT_PORT, decodePacket, encodeBroadcast, SERVER_PORT } from '../../protocols/dhcp/packet.ts';
import {
  ALL_SERVERS,
  CLIENT_PORT as CLIENT_PORT_6,
  SERVER_PORT as SERVER_PORT_6,
} from '../../protocols/dhcp6/message.ts';
import { formatAddress } from '../../protocols/ip/address.ts';

export interface DhcpSockets extends AsyncDisposable {
  broadcast(interfaceIndex: number, payload: Uint8Array): void;
  unicast(payload: Uint8Array, server: Uint8Array): void;
  /** An ARP packet to all on the link. */
  arp(interfaceIndex: number, packet: Uint8Array): void;
  multicast6(interfaceName: string, bytes: Uint8Array): void;
}

export interface DhcpSocketHandlers {
  readonly onMessage: (interfaceIndex: number, payload: Uint8Array) => void;
  readonly onArp: (interfaceIndex: number, packet: Uint8Array) => void;
  readonly onMessage6: (interfaceName: string, bytes: Uint8Array) => void;
}

/** The sockets of all DHCP clients of this machine, opened once while it may still open them. */
export async function openDhcpSockets(handlers: DhcpSocketHandlers): Promise<DhcpSockets> {
  const packet = openPacketSocket('ipv4', DHCP_FILTER, (index, bytes) => {
    const payload = decodePacket(bytes);
    if (payload !== undefined) handlers.onMessage(index, payload);
  });
  const arp = openPacketSocket('arp', ARP_FILTER, handlers.onArp);
  // Answers are read from the packet socket; this one renews by unicast and keeps the kernel from refusing answers.
  const udp = await bindSocket('udp4', CLIENT_PORT);
  const udp6 = await bindSocket('udp6', CLIENT_PORT_6);
  udp6.on('message', (bytes, from) => {
    const scope = from.address.split('%')[1];
    if (scope !== undefined) handlers.onMessage6(scope, bytes);
  });
  return {
    broadcast: (index, payload) => packet.broadcast(index, encodeBroadcast(payload)),
    arp: (index, bytes) => arp.broadcast(index, bytes),
    unicast: (payload, server) => udp.send(payload, SERVER_PORT, formatAddress(server), ignoreLoss),
    multicast6: (name, bytes) => udp6.send(bytes, SERVER_PORT_6, `${ALL_SERVERS}%${name}`, ignoreLoss),
    async [Symbol.asyncDispose]() {
      packet[Symbol.dispose]();
      arp[Symbol.dispose]();
      udp.close();
      udp6.close();
    },
  };
}

/** A datagram that the kernel could not send (no link-local address yet, no route) is sent again like a lost one. */
function ignoreLoss(): void {}

async function bindSocket(type: 'udp4' | 'udp6', port: number): Promise<Socket> {
  const socket = createSocket({ type, reuseAddr: true, ipv6Only: type === 'udp6' });
  await new Promise<void>((resolve, reject) => {
    socket.once('error', reject);
    socket.bind({ port, exclusive: true }, () => {
      socket.off('error', reject);
      resolve();
    });
  });
  // An ICMP error for an earlier datagram is reported here; the clients have their own retransmissions.
  socket.on('error', ignoreLoss);
  return socket;
}
