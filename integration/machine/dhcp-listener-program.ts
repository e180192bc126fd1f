/**
 * Prints what DHCP clients send, as a host on their cable hears it: `REQUEST to 255.255.255.255`, `ANNOUNCEMENT of 192.0.2.50` by
 * ARP. Goes on until it is killed.
 */
import { openPacketSocket } from '../../shared/host/ffi/packet-socket.ts';
import { equalBytes } from '../../shared/base/bytes.ts';
import { ARP_FILTER } from '../../shared/protocols/arp/filter.ts';
import { decodeArp } from '../../shared/protocols/arp/packet.ts';
import { decodeDhcpMessage, MESSAGE_TYPE, OPTION } from '../../shared/protocols/dhcp/message.ts';
import { SERVER_PORT } from '../../shared/protocols/dhcp/packet.ts';
import { formatAddress } from '../../shared/protocols/ip/address.ts';

const UDP_HEADER_BYTES = 8;
const names = new Map(Object.entries(MESSAGE_TYPE).map(([name, type]) => [type as number, name]));

openPacketSocket('ipv4', [[0x06, 0, 0, 0xffff]], (_, packet) => {
  const headerBytes = ((packet[0] ?? 0) & 0x0f) * 4;
  const port = ((packet[headerBytes + 2] ?? 0) << 8) | (packet[headerBytes + 3] ?? 0);
  const message = decodeDhcpMessage(packet.subarray(headerBytes + UDP_HEADER_BYTES));
  if (port !== SERVER_PORT || !message.ok) return;
  const type = message.value.options.get(OPTION.MESSAGE_TYPE)?.[0] ?? 0;
  console.log(`${names.get(type)} to ${formatAddress(packet.slice(16, 20))}`);
});

openPacketSocket('arp', ARP_FILTER, (_, packet) => {
  const arp = decodeArp(packet);
  if (arp === undefined || !equalBytes(arp.senderAddress, arp.targetAddress)) return;
  console.log(`ANNOUNCEMENT of ${formatAddress(arp.senderAddress)}`);
});
