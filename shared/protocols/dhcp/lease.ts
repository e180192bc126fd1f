/** What a server's DHCPACK or DHCPOFFER grants, checked and in plain terms (RFC 2132, RFC 3442). */
import { viewOf } from '../../base/bytes.ts';
import type { Result } from '../../base/result.ts';
import { err, ok } from '../../base/result.ts';
import { prefixLengthOfMask } from '../ip/address.ts';
import type { DhcpMessage } from './message.ts';
import { OPTION } from './message.ts';

export interface LeasedRoute {
  readonly destination: Uint8Array;
  readonly prefixLength: number;
  /** Absent where the network is on the link itself (RFC 3442, router 0.0.0.0). */
  readonly gateway?: Uint8Array;
}

export interface Lease {
  readonly address: Uint8Array;
  readonly prefixLength: number;
  readonly broadcast?: Uint8Array;
  readonly server: Uint8Array;
  readonly routes: readonly LeasedRoute[];
  readonly nameServers: readonly Uint8Array[];
  readonly timeServers: readonly Uint8Array[];
  readonly domain?: string;
  readonly mtuBytes?: number;
  /** Infinity for a lease without end. */
  readonly leaseSeconds: number;
  readonly renewalSeconds: number;
  readonly rebindingSeconds: number;
}

/** Why an answer is not taken; a sentence for the log. */
export interface LeaseError {
  readonly kind: 'unusable';
  readonly reason: string;
}

/** RFC 2131 §3.3: a lease time of all ones is one without end. */
const INFINITE = 0xffffffff;
/** A shorter lease would have the client renew without pause; such an answer is a server's mistake. */
const LEASE_SECONDS_MIN = 10;
/** The same for T1 and T2, which a server may name too. */
const TIMER_SECONDS_MIN = 1;
/** IPv6 needs links of at least 1,280 bytes (RFC 8200 §5), so a smaller value from the network is not applied. */
const MTU_BYTES_MIN = 1280;
/** Lists from the network are cut here; the resolver tries three servers anyway. */
const LIST_MAX = 8;
const ROUTES_MAX = 64;

export function readLease(message: DhcpMessage): Result<Lease, LeaseError> {
  const { options, yiaddr } = message;
  const server = options.get(OPTION.SERVER_IDENTIFIER);
  if (server?.length !== 4) return unusable('it names no server (option 54)');
  if (!isUnicast(yiaddr)) return unusable(`it grants the address ${yiaddr.join('.')}`);
  const prefixLength = prefixLengthOfMask(options.get(OPTION.SUBNET_MASK) ?? classMask(yiaddr));
  if (prefixLength === undefined || prefixLength === 0) return unusable('its subnet mask has holes');
  const leaseSeconds = readSeconds(options.get(OPTION.LEASE_TIME));
  if (leaseSeconds === undefined) return unusable('it names no lease time (option 51)');
  if (leaseSeconds < LEASE_SECONDS_MIN) return unusable(`its lease lasts ${leaseSeconds} s`);
  const broadcast = options.get(OPTION.BROADCAST_ADDRESS);
  const mtuBytes = readMtu(options.get(OPTION.INTERFACE_MTU));
  const domain = readDomain(options.get(OPTION.DOMAIN_NAME));
  return ok({
    address: yiaddr,
    prefixLength,
    server,
    routes: readRoutes(options),
    nameServers: readAddresses(options.get(OPTION.DOMAIN_NAME_SERVER)),
    timeServers: readAddresses(options.get(OPTION.NTP_SERVERS)),
    leaseSeconds,
    ...readTimers(options, leaseSeconds),
    ...(broadcast?.length === 4 && { broadcast }),
    ...(mtuBytes !== undefined && { mtuBytes }),
    ...(domain !== undefined && { domain }),
  });
}

function unusable(reason: string): Result<never, LeaseError> {
  return err({ kind: 'unusable', reason });
}

function isUnicast(address: Uint8Array): boolean {
  const first = address[0] ?? 0;
  return first !== 0 && first !== 127 && first < 224;
}

/** RFC 950 §2.1: where no mask is given, the address's class decides. */
function classMask(address: Uint8Array): Uint8Array {
  const first = address[0] ?? 0;
  return Uint8Array.of(255, first < 128 ? 0 : 255, first < 192 ? 0 : 255, 0);
}

function readSeconds(value: Uint8Array | undefined): number | undefined {
  if (value?.length !== 4) return undefined;
  const seconds = viewOf(value).getUint32(0);
  return seconds === INFINITE ? Number.POSITIVE_INFINITY : seconds;
}

function readTimers(
  options: ReadonlyMap<number, Uint8Array>,
  leaseSeconds: number,
): { renewalSeconds: number; rebindingSeconds: number } {
  // RFC 2131 §4.4.5: T1 defaults to 0.5 and T2 to 0.875 of the lease, and T1 < T2 < expiry.
  const rebinding = readTimer(options.get(OPTION.REBINDING_TIME)) ?? leaseSeconds * 0.875;
  const rebindingSeconds = rebinding < leaseSeconds ? rebinding : leaseSeconds * 0.875;
  const renewal = readTimer(options.get(OPTION.RENEWAL_TIME)) ?? leaseSeconds * 0.5;
  const renewalSeconds =
    renewal < rebindingSeconds ? renewal : Math.min(leaseSeconds * 0.5, rebindingSeconds);
  return { renewalSeconds, rebindingSeconds };
}

function readTimer(value: Uint8Array | undefined): number | undefined {
  const seconds = readSeconds(value);
  return seconds !== undefined && seconds >= TIMER_SECONDS_MIN ? seconds : undefined;
}

function readMtu(value: Uint8Array | undefined): number | undefined {
  if (value?.length !== 2) return undefined;
  const bytes = viewOf(value).getUint16(0);
  return bytes >= MTU_BYTES_MIN ? bytes : undefined;
}

function readAddresses(value: Uint8Array | undefined): Uint8Array[] {
  const addresses: Uint8Array[] = [];
  for (let at = 0; at + 4 <= (value?.length ?? 0) && addresses.length < LIST_MAX; at += 4) {
    const address = value?.slice(at, at + 4) ?? new Uint8Array();
    if (isUnicast(address)) addresses.push(address);
  }
  return addresses;
}

/** Letters, digits, hyphens and dots alone: the text goes into resolv.conf. */
function readDomain(value: Uint8Array | undefined): string | undefined {
  const text = String.fromCharCode(...(value ?? [])).replace(/\0+$/, '');
  return /^[A-Za-z0-9]([A-Za-z0-9.-]{0,251}[A-Za-z0-9])?$/.test(text) ? text : undefined;
}

function readRoutes(options: ReadonlyMap<number, Uint8Array>): LeasedRoute[] {
  const classless = options.get(OPTION.CLASSLESS_STATIC_ROUTE);
  // RFC 3442: a client that gets classless static routes ignores the router option.
  if (classless !== undefined) return decodeClasslessRoutes(classless);
  return readAddresses(options.get(OPTION.ROUTER))
    .slice(0, 1)
    .map(gateway => ({ destination: new Uint8Array(4), prefixLength: 0, gateway }));
}

/** RFC 3442: width, the significant octets of the destination, the router. Reading ends at the first malformed one. */
export function decodeClasslessRoutes(value: Uint8Array): LeasedRoute[] {
  const routes: LeasedRoute[] = [];
  for (let at = 0; at < value.length && routes.length < ROUTES_MAX;) {
    const prefixLength = value[at] ?? 0;
    const octets = Math.ceil(prefixLength / 8);
    if (prefixLength > 32 || at + 1 + octets + 4 > value.length) break;
    const destination = new Uint8Array(4);
    destination.set(value.subarray(at + 1, at + 1 + octets));
    const router = value.slice(at + 1 + octets, at + 5 + octets);
    routes.push({ destination, prefixLength, ...(router.some(octet => octet !== 0) && { gateway: router }) });
    at += 5 + octets;
  }
  return routes;
}
