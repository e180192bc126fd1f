/** What the kernel tells by rtnetlink, as plain events. */
import { viewOf } from '../../base/bytes.ts';
import {
  AF_INET6,
  IFA,
  IFA_F_DADFAILED,
  IFA_F_DEPRECATED,
  IFA_F_TENTATIVE,
  IFF_RUNNING,
  IFF_UP,
  IF_RA_MANAGED,
  IF_RA_OTHERCONF,
  IF_RA_RCVD,
  IFLA,
  IFLA_INET6_FLAGS,
  RTM,
} from './constants.ts';
import type { NetlinkMessage } from './message.ts';
import { decodeAttributes, NLMSG_DONE, NLMSG_ERROR } from './message.ts';
import { decodeNeighbourOptions } from './neighbour-options.ts';

export interface LinkEvent {
  readonly kind: 'link';
  readonly index: number;
  readonly name: string;
  /** ARPHRD_ETHER is 1. */
  readonly hardwareType: number;
  readonly hardwareAddress: Uint8Array;
  readonly up: boolean;
  /** A cable is plugged in and the other side answers. */
  readonly running: boolean;
  readonly removed: boolean;
}

/** RFC 4861 §4.2: the M and O flags of the last router advertisement. */
export interface RouterFlagsEvent {
  readonly kind: 'router-flags';
  readonly index: number;
  readonly received: boolean;
  readonly managed: boolean;
  readonly otherConfiguration: boolean;
}

export interface AddressEvent {
  readonly kind: 'address';
  readonly index: number;
  readonly address: Uint8Array;
  readonly prefixLength: number;
  readonly removed: boolean;
  /** Usable: duplicate address detection has passed and it is not deprecated. */
  readonly ready: boolean;
  /** RFC 4862 §5.4: another host answered for it. */
  readonly duplicate: boolean;
}

/** RFC 8106 §5.1: name servers from a router advertisement; a lifetime of 0 takes them back. */
export interface NameServersEvent {
  readonly kind: 'name-servers';
  readonly index: number;
  readonly servers: readonly Uint8Array[];
  readonly lifetimeSeconds: number;
}

/** The answer to a request: `errno` 0 is an acknowledgement. */
export interface AnswerEvent {
  readonly kind: 'answer';
  readonly sequence: number;
  readonly errno: number;
}

export interface DoneEvent {
  readonly kind: 'done';
  readonly sequence: number;
}

export type RouteNetlinkEvent =
  LinkEvent | RouterFlagsEvent | AddressEvent | NameServersEvent | AnswerEvent | DoneEvent;

/** The event of a message, or undefined where it is malformed or of no interest. */
export function decodeEvent(message: NetlinkMessage): RouteNetlinkEvent | undefined {
  switch (message.type) {
    case NLMSG_ERROR:
      return decodeAnswer(message);
    case NLMSG_DONE:
      return { kind: 'done', sequence: message.sequence };
    case RTM.NEWLINK:
    case RTM.DELLINK:
      return decodeLink(message);
    case RTM.NEWADDR:
    case RTM.DELADDR:
      return decodeAddress(message);
    case RTM.NEWNDUSEROPT:
      return decodeNeighbourOptions(message.payload);
    default:
      return undefined;
  }
}

function decodeAnswer(message: NetlinkMessage): AnswerEvent | undefined {
  if (message.payload.length < 4) return undefined;
  const errno = -viewOf(message.payload).getInt32(0, true);
  return { kind: 'answer', sequence: message.sequence, errno: errno === 0 ? 0 : errno };
}

function decodeLink(message: NetlinkMessage): LinkEvent | RouterFlagsEvent | undefined {
  const { payload } = message;
  if (payload.length < 16) return undefined;
  const view = viewOf(payload);
  const index = view.getInt32(4, true);
  const attributes = decodeAttributes(payload.subarray(16));
  if (payload[0] === AF_INET6) return decodeRouterFlags(index, attributes);
  const flags = view.getUint32(8, true);
  return {
    kind: 'link',
    index,
    name: decodeName(attributes.get(IFLA.IFNAME)),
    hardwareType: view.getUint16(2, true),
    hardwareAddress: attributes.get(IFLA.ADDRESS)?.slice() ?? new Uint8Array(),
    up: (flags & IFF_UP) !== 0,
    running: (flags & IFF_RUNNING) !== 0,
    removed: message.type === RTM.DELLINK,
  };
}

function decodeRouterFlags(index: number, attributes: Map<number, Uint8Array>): RouterFlagsEvent | undefined {
  const value = decodeAttributes(attributes.get(IFLA.PROTINFO) ?? new Uint8Array()).get(IFLA_INET6_FLAGS);
  if (value === undefined || value.length < 4) return undefined;
  const flags = viewOf(value).getUint32(0, true);
  return {
    kind: 'router-flags',
    index,
    received: (flags & IF_RA_RCVD) !== 0,
    managed: (flags & IF_RA_MANAGED) !== 0,
    otherConfiguration: (flags & IF_RA_OTHERCONF) !== 0,
  };
}

function decodeAddress(message: NetlinkMessage): AddressEvent | undefined {
  const { payload } = message;
  if (payload.length < 8) return undefined;
  const attributes = decodeAttributes(payload.subarray(8));
  const address = attributes.get(IFA.LOCAL) ?? attributes.get(IFA.ADDRESS);
  if (address === undefined || (address.length !== 4 && address.length !== 16)) return undefined;
  const wide = attributes.get(IFA.FLAGS);
  const flags = wide?.length === 4 ? viewOf(wide).getUint32(0, true) : (payload[2] ?? 0);
  return {
    kind: 'address',
    index: viewOf(payload).getUint32(4, true),
    address: address.slice(),
    prefixLength: payload[1] ?? 0,
    removed: message.type === RTM.DELADDR,
    ready: (flags & (IFA_F_TENTATIVE | IFA_F_DADFAILED | IFA_F_DEPRECATED)) === 0,
    duplicate: (flags & IFA_F_DADFAILED) !== 0,
  };
}

/** A name ends at its zero byte. */
function decodeName(value: Uint8Array | undefined): string {
  if (value === undefined) return '';
  const end = value.indexOf(0);
  return String.fromCharCode(...value.subarray(0, end === -1 ? value.length : end));
}
