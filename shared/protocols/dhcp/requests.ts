/** The messages a DHCPv4 client sends, with the fields that RFC 2131 table 5 asks of each. */
import { concatBytes, encodeUtf8, viewOf } from '../../base/bytes.ts';
import type { Lease } from './lease.ts';
import type { DhcpMessage } from './message.ts';
import { BOOTREQUEST, MESSAGE_TYPE, OPTION } from './message.ts';

export interface ClientIdentity {
  readonly hardwareAddress: Uint8Array;
  /** RFC 4361: see {@link clientIdentifier}. */
  readonly clientIdentifier: Uint8Array;
  readonly hostname: string;
}

export interface Exchange {
  readonly identity: ClientIdentity;
  readonly xid: number;
  readonly secs: number;
}

const ANY: Uint8Array = new Uint8Array(4);
/** An Ethernet frame's worth of UDP payload, so that nothing is fragmented. */
const MESSAGE_BYTES_MAX = 1472;
const DUID_LL = 3;
const HARDWARE_ETHERNET = 1;

/**
 * RFC 4361 §6.1: type 255, the interface's number, and a DUID. DUID-LL (RFC 8415 §11.4) stays the same without any
 * storage, so the address stays the same when the data volume is changed.
 */
export function clientIdentifier(interfaceIndex: number, hardwareAddress: Uint8Array): Uint8Array {
  const head = new Uint8Array(5);
  head[0] = 255;
  viewOf(head).setUint32(1, interfaceIndex);
  return concatBytes([head, linkLayerDuid(hardwareAddress)]);
}

export function linkLayerDuid(hardwareAddress: Uint8Array): Uint8Array {
  return concatBytes([Uint8Array.of(0, DUID_LL, 0, HARDWARE_ETHERNET), hardwareAddress]);
}

export function discoverMessage(exchange: Exchange): DhcpMessage {
  return message(exchange, MESSAGE_TYPE.DISCOVER, []);
}

/** SELECTING: the offered address and its server are named, ciaddr is zero (RFC 2131 §4.3.2). */
export function requestMessage(exchange: Exchange, offer: Lease): DhcpMessage {
  return message(exchange, MESSAGE_TYPE.REQUEST, [
    [OPTION.REQUESTED_IP_ADDRESS, offer.address],
    [OPTION.SERVER_IDENTIFIER, offer.server],
  ]);
}

/** INIT-REBOOT: the remembered address is named, the server must not be (RFC 2131 §4.3.2). */
export function rememberedMessage(exchange: Exchange, lease: Lease): DhcpMessage {
  return message(exchange, MESSAGE_TYPE.REQUEST, [[OPTION.REQUESTED_IP_ADDRESS, lease.address]]);
}

/** RENEWING and REBINDING: ciaddr holds the address, neither it nor the server stand in options (RFC 2131 §4.3.2). */
export function renewMessage(exchange: Exchange, lease: Lease): DhcpMessage {
  return { ...message(exchange, MESSAGE_TYPE.REQUEST, []), ciaddr: lease.address };
}

export function declineMessage(exchange: Exchange, lease: Lease): DhcpMessage {
  const { identity } = exchange;
  return {
    ...message(exchange, MESSAGE_TYPE.DECLINE, []),
    // RFC 2131 table 5: a DHCPDECLINE asks for no parameters.
    options: new Map<number, Uint8Array>([
      [OPTION.MESSAGE_TYPE, Uint8Array.of(MESSAGE_TYPE.DECLINE)],
      [OPTION.CLIENT_IDENTIFIER, identity.clientIdentifier],
      [OPTION.REQUESTED_IP_ADDRESS, lease.address],
      [OPTION.SERVER_IDENTIFIER, lease.server],
    ]),
  };
}

function message(
  { identity, xid, secs }: Exchange,
  type: number,
  own: readonly (readonly [number, Uint8Array])[],
): DhcpMessage {
  return {
    op: BOOTREQUEST,
    xid,
    secs,
    ciaddr: ANY,
    yiaddr: ANY,
    chaddr: identity.hardwareAddress,
    options: new Map<number, Uint8Array>([
      [OPTION.MESSAGE_TYPE, Uint8Array.of(type)],
      [OPTION.CLIENT_IDENTIFIER, identity.clientIdentifier],
      ...own,
      [OPTION.MAXIMUM_MESSAGE_SIZE, Uint8Array.of(MESSAGE_BYTES_MAX >> 8, MESSAGE_BYTES_MAX & 0xff)],
      [OPTION.HOST_NAME, encodeUtf8(identity.hostname)],
      [OPTION.PARAMETER_REQUEST_LIST, PARAMETERS],
    ]),
  };
}

/** RFC 3442: classless routes stand before the router option. */
const PARAMETERS: Uint8Array = Uint8Array.of(
  OPTION.SUBNET_MASK,
  OPTION.CLASSLESS_STATIC_ROUTE,
  OPTION.ROUTER,
  OPTION.DOMAIN_NAME_SERVER,
  OPTION.DOMAIN_NAME,
  OPTION.INTERFACE_MTU,
  OPTION.BROADCAST_ADDRESS,
  OPTION.NTP_SERVERS,
  OPTION.LEASE_TIME,
  OPTION.RENEWAL_TIME,
  OPTION.REBINDING_TIME,
);
