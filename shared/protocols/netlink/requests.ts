/** What is asked of the kernel by rtnetlink (Linux uapi linux/rtnetlink.h, linux/if_link.h, linux/if_addr.h). */
import { concatBytes, viewOf } from '../../base/bytes.ts';
import type { Attribute } from './message.ts';
import {
  encodeAttributes,
  encodeMessage,
  encodeUint32,
  NLM_F_ACK,
  NLM_F_CREATE,
  NLM_F_DUMP,
  NLM_F_REPLACE,
  NLM_F_REQUEST,
} from './message.ts';
import {
  AF_INET,
  AF_INET6,
  AF_UNSPEC,
  IFA,
  IFF_UP,
  IFLA,
  RT_SCOPE_LINK,
  RT_SCOPE_UNIVERSE,
  RT_TABLE_MAIN,
  RTA,
  RTM,
  RTN_UNICAST,
  RTNH_F_ONLINK,
  RTPROT_DHCP,
  RTPROT_STATIC,
} from './constants.ts';

/** A request without its sequence number, which belongs to the socket. */
export type Request = (sequence: number) => Uint8Array;

export interface InterfaceAddress {
  readonly index: number;
  readonly address: Uint8Array;
  readonly prefixLength: number;
  readonly broadcast?: Uint8Array;
  /** Seconds until the kernel stops using it; absent: for ever. */
  readonly validSeconds?: number;
  /** Seconds until it is no longer chosen as a source; absent: for ever. */
  readonly preferredSeconds?: number;
}

export interface Route {
  readonly index: number;
  /** The network; absent for the default route. */
  readonly destination?: Uint8Array;
  readonly prefixLength: number;
  /** Absent: the network is on the link itself. */
  readonly gateway?: Uint8Array;
  readonly family: 'ipv4' | 'ipv6';
  readonly metric: number;
  readonly origin: 'dhcp' | 'static';
}

/** All links, addresses or routes of both families, as events that end by 'done'. */
export function listRequest(what: 'links' | 'addresses' | 'routes'): Request {
  const type = { links: RTM.GETLINK, addresses: RTM.GETADDR, routes: RTM.GETROUTE }[what];
  const headerBytes = { links: 16, addresses: 8, routes: 12 }[what];
  return sequence =>
    encodeMessage({
      type,
      flags: NLM_F_REQUEST | NLM_F_DUMP,
      sequence,
      payload: new Uint8Array(headerBytes),
    });
}

/** Brings a link up and, where given, sets how large its packets may be. */
export function linkUpRequest(index: number, mtuBytes?: number): Request {
  const header = new Uint8Array(16);
  const view = viewOf(header);
  header[0] = AF_UNSPEC;
  view.setInt32(4, index, true);
  view.setUint32(8, IFF_UP, true);
  view.setUint32(12, IFF_UP, true);
  return acknowledged(
    RTM.NEWLINK,
    header,
    mtuBytes === undefined ? [] : [[IFLA.MTU, encodeUint32(mtuBytes)]],
  );
}

/** Adds an address or refreshes its lifetimes. */
export function addAddressRequest(address: InterfaceAddress): Request {
  const attributes: Attribute[] = [
    [IFA.LOCAL, address.address],
    [IFA.ADDRESS, address.address],
    [IFA.CACHEINFO, encodeLifetimes(address)],
  ];
  if (address.broadcast !== undefined) attributes.push([IFA.BROADCAST, address.broadcast]);
  return acknowledged(RTM.NEWADDR, addressHeader(address), attributes, NLM_F_CREATE | NLM_F_REPLACE);
}

export function removeAddressRequest(address: InterfaceAddress): Request {
  return acknowledged(RTM.DELADDR, addressHeader(address), [
    [IFA.LOCAL, address.address],
    [IFA.ADDRESS, address.address],
  ]);
}

export function addRouteRequest(route: Route): Request {
  return acknowledged(RTM.NEWROUTE, routeHeader(route), routeAttributes(route), NLM_F_CREATE | NLM_F_REPLACE);
}

export function removeRouteRequest(route: Route): Request {
  return acknowledged(RTM.DELROUTE, routeHeader(route), routeAttributes(route));
}

function acknowledged(
  type: number,
  header: Uint8Array,
  attributes: readonly Attribute[],
  flags = 0,
): Request {
  const payload = concatBytes([header, encodeAttributes(attributes)]);
  return sequence => encodeMessage({ type, flags: NLM_F_REQUEST | NLM_F_ACK | flags, sequence, payload });
}

function addressHeader(address: InterfaceAddress): Uint8Array {
  const header = new Uint8Array(8);
  header[0] = address.address.length === 4 ? AF_INET : AF_INET6;
  header[1] = address.prefixLength;
  viewOf(header).setUint32(4, address.index, true);
  return header;
}

const FOR_EVER = 0xffffffff;

/** struct ifa_cacheinfo: preferred, valid, and two stamps that the kernel fills in. */
function encodeLifetimes(address: InterfaceAddress): Uint8Array {
  const bytes = new Uint8Array(16);
  const view = viewOf(bytes);
  const valid = lifetime(address.validSeconds);
  view.setUint32(0, Math.min(lifetime(address.preferredSeconds), valid), true);
  view.setUint32(4, valid, true);
  return bytes;
}

function lifetime(seconds: number | undefined): number {
  // One less than for ever: a lease of 136 years has an end all the same.
  return seconds === undefined ? FOR_EVER : Math.max(1, Math.min(FOR_EVER - 1, Math.floor(seconds)));
}

function routeHeader(route: Route): Uint8Array {
  const header = new Uint8Array(12);
  header[0] = route.family === 'ipv4' ? AF_INET : AF_INET6;
  header[1] = route.prefixLength;
  header[4] = RT_TABLE_MAIN;
  header[5] = route.origin === 'dhcp' ? RTPROT_DHCP : RTPROT_STATIC;
  header[6] = route.gateway === undefined && route.family === 'ipv4' ? RT_SCOPE_LINK : RT_SCOPE_UNIVERSE;
  header[7] = RTN_UNICAST;
  // Providers hand out a /32 with a gateway outside it; the gateway is then taken as being on the link.
  if (route.gateway !== undefined) viewOf(header).setUint32(8, RTNH_F_ONLINK, true);
  return header;
}

function routeAttributes(route: Route): Attribute[] {
  const attributes: Attribute[] = [
    [RTA.OIF, encodeUint32(route.index)],
    [RTA.PRIORITY, encodeUint32(route.metric)],
  ];
  if (route.destination !== undefined) attributes.push([RTA.DST, route.destination]);
  if (route.gateway !== undefined) attributes.push([RTA.GATEWAY, route.gateway]);
  return attributes;
}
