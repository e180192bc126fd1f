/** ARP for IPv4 on Ethernet (RFC 826), as far as finding address conflicts needs it (RFC 5227). */
import { viewOf } from '../../base/bytes.ts';

const ETHERNET = 1;
const IPV4 = 0x0800;
const REQUEST = 1;
const REPLY = 2;
const PACKET_BYTES = 28;

export interface ArpPacket {
  readonly operation: 'request' | 'reply';
  readonly senderHardware: Uint8Array;
  readonly senderAddress: Uint8Array;
  readonly targetAddress: Uint8Array;
}

/**
 * RFC 5227 §2.1.1: a probe asks for `address` with a sender address of zeros, so that it changes nobody's cache.
 * `hardwareAddress` is the sender's, six bytes.
 */
export function encodeArpProbe(hardwareAddress: Uint8Array, address: Uint8Array): Uint8Array {
  return encodeRequest(hardwareAddress, new Uint8Array(4), address);
}

/** RFC 5227 §2.3: an announcement is a request for the sender's own address, which whoever hears it takes over. */
export function encodeArpAnnouncement(hardwareAddress: Uint8Array, address: Uint8Array): Uint8Array {
  return encodeRequest(hardwareAddress, address, address);
}

function encodeRequest(hardware: Uint8Array, sender: Uint8Array, target: Uint8Array): Uint8Array {
  const packet = new Uint8Array(PACKET_BYTES);
  const view = viewOf(packet);
  view.setUint16(0, ETHERNET);
  view.setUint16(2, IPV4);
  packet[4] = 6;
  packet[5] = 4;
  view.setUint16(6, REQUEST);
  packet.set(hardware, 8);
  packet.set(sender, 14);
  packet.set(target, 24);
  return packet;
}

/** A request or reply for IPv4 on Ethernet; undefined for anything else. */
export function decodeArp(packet: Uint8Array): ArpPacket | undefined {
  if (packet.length < PACKET_BYTES) return undefined;
  const view = viewOf(packet);
  if (view.getUint16(0) !== ETHERNET || view.getUint16(2) !== IPV4) return undefined;
  if (packet[4] !== 6 || packet[5] !== 4) return undefined;
  const operation = view.getUint16(6);
  if (operation !== REQUEST && operation !== REPLY) return undefined;
  return {
    operation: operation === REQUEST ? 'request' : 'reply',
    senderHardware: packet.slice(8, 14),
    senderAddress: packet.slice(14, 18),
    targetAddress: packet.slice(24, 28),
  };
}
