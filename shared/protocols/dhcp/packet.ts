/** DHCP in UDP in IPv4, built and read here because before a lease the kernel has no address to send from. */
import { concatBytes, viewOf } from '../../base/bytes.ts';
import { internetChecksum } from '../ip/checksum.ts';

export const CLIENT_PORT = 68;
export const SERVER_PORT = 67;
const IPV4_HEADER_BYTES = 20;
const UDP_HEADER_BYTES = 8;
const PROTOCOL_UDP = 17;
const TIME_TO_LIVE = 64;
const ANY: Uint8Array = new Uint8Array(4);
const LIMITED_BROADCAST: Uint8Array = Uint8Array.of(255, 255, 255, 255);

/** RFC 2131 §4.1: from 0.0.0.0 port 68 to 255.255.255.255 port 67. */
export function encodeBroadcast(payload: Uint8Array): Uint8Array {
  const ip = new Uint8Array(IPV4_HEADER_BYTES);
  const view = viewOf(ip);
  view.setUint8(0, 0x45);
  view.setUint16(2, IPV4_HEADER_BYTES + UDP_HEADER_BYTES + payload.length);
  view.setUint8(8, TIME_TO_LIVE);
  view.setUint8(9, PROTOCOL_UDP);
  ip.set(ANY, 12);
  ip.set(LIMITED_BROADCAST, 16);
  view.setUint16(10, internetChecksum([ip]));
  return concatBytes([ip, encodeUdp(payload), payload]);
}

function encodeUdp(payload: Uint8Array): Uint8Array {
  const udp = new Uint8Array(UDP_HEADER_BYTES);
  const view = viewOf(udp);
  view.setUint16(0, CLIENT_PORT);
  view.setUint16(2, SERVER_PORT);
  view.setUint16(4, UDP_HEADER_BYTES + payload.length);
  const pseudo = new Uint8Array(4);
  pseudo[1] = PROTOCOL_UDP;
  viewOf(pseudo).setUint16(2, UDP_HEADER_BYTES + payload.length);
  const sum = internetChecksum([ANY, LIMITED_BROADCAST, pseudo, udp, payload]);
  // RFC 768: a checksum of zero is sent as all ones; zero would say that there is none.
  view.setUint16(6, sum === 0 ? 0xffff : sum);
  return udp;
}

/** The UDP payload of a whole IPv4 packet to the client's port, or undefined where it is anything else. */
export function decodePacket(packet: Uint8Array): Uint8Array | undefined {
  if (packet.length < IPV4_HEADER_BYTES + UDP_HEADER_BYTES) return undefined;
  const view = viewOf(packet);
  const headerBytes = ((packet[0] ?? 0) & 0x0f) * 4;
  const totalBytes = view.getUint16(2);
  if ((packet[0] ?? 0) >> 4 !== 4 || headerBytes < IPV4_HEADER_BYTES || totalBytes > packet.length)
    return undefined;
  if (totalBytes < headerBytes + UDP_HEADER_BYTES || packet[9] !== PROTOCOL_UDP) return undefined;
  const isFragment = (view.getUint16(6) & 0x3fff) !== 0;
  if (isFragment || internetChecksum([packet.subarray(0, headerBytes)]) !== 0) return undefined;
  // DEVIATES from RFC 1122 §4.1.3.4: the UDP checksum is not verified, because virtual links leave it to hardware
  // that is not there, and a packet socket sees the packet before anybody filled it in.
  if (view.getUint16(headerBytes + 2) !== CLIENT_PORT) return undefined;
  const udpBytes = view.getUint16(headerBytes + 4);
  if (udpBytes < UDP_HEADER_BYTES || headerBytes + udpBytes > totalBytes) return undefined;
  return packet.subarray(headerBytes + UDP_HEADER_BYTES, headerBytes + udpBytes);
}
