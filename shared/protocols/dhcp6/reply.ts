/** What a DHCPv6 server grants, checked and in plain terms. */
import { equalBytes, viewOf } from '../../base/bytes.ts';
import type { Dhcp6Message, Option } from './message.ts';
import { decodeOptions, findOption, OPTION } from './message.ts';

export interface Settings {
  readonly nameServers: readonly Uint8Array[];
  readonly timeServers: readonly Uint8Array[];
}

export interface Binding {
  readonly server: Uint8Array;
  readonly address: Uint8Array;
  readonly preferredSeconds: number;
  readonly validSeconds: number;
  readonly renewalSeconds: number;
  readonly rebindingSeconds: number;
}

/** RFC 8415 §21.13: the status Success. */
const SUCCESS = 0;
const FOR_EVER = 0xffffffff;
const SERVERS_MAX = 4;
/** A shorter T1 (or an address that is preferred no longer) would have the client renew without pause. */
const RENEWAL_SECONDS_MIN = 10;
/** RFC 8415 §21.23: IRT_DEFAULT and IRT_MINIMUM. */
const REFRESH_DEFAULT_SECONDS = 86_400;
const REFRESH_MIN_SECONDS = 600;

/** RFC 8415 §16: a message of a server must name the server, and us exactly as we named ourselves. */
export function isForClient(message: Dhcp6Message, clientId: Uint8Array): boolean {
  const named = findOption(message.options, OPTION.CLIENTID);
  const server = findOption(message.options, OPTION.SERVERID);
  return server !== undefined && named !== undefined && equalBytes(named, clientId);
}

export function isSuccess(options: readonly Option[]): boolean {
  const status = findOption(options, OPTION.STATUS_CODE);
  // RFC 8415 §21.13: a message without the option means Success.
  return status === undefined || (status.length >= 2 && viewOf(status).getUint16(0) === SUCCESS);
}

export function readSettings(message: Dhcp6Message): Settings {
  const ntp = findOption(message.options, OPTION.NTP_SERVER);
  const suboptions = decodeOptions(ntp ?? new Uint8Array());
  return {
    nameServers: readAddresses(findOption(message.options, OPTION.DNS_SERVERS)),
    // RFC 5908 §4.1: suboption 1 is a unicast address.
    timeServers: suboptions.ok
      ? suboptions.value.filter(([code, value]) => code === 1 && value.length === 16).map(each => each[1])
      : [],
  };
}

export function readRefreshSeconds(message: Dhcp6Message): number {
  const value = findOption(message.options, OPTION.INFORMATION_REFRESH_TIME);
  const seconds = value?.length === 4 ? viewOf(value).getUint32(0) : REFRESH_DEFAULT_SECONDS;
  return Math.max(REFRESH_MIN_SECONDS, Math.min(seconds, REFRESH_DEFAULT_SECONDS));
}

/** The first usable address of the identity association `iaid`, or undefined where there is none. */
export function readBinding(message: Dhcp6Message, iaid: number): Binding | undefined {
  const server = findOption(message.options, OPTION.SERVERID);
  const association = message.options.find(
    ([code, value]) => code === OPTION.IA_NA && value.length >= 12 && viewOf(value).getUint32(0) === iaid,
  )?.[1];
  if (server === undefined || association === undefined) return undefined;
  const inner = decodeOptions(association.subarray(12));
  if (!inner.ok || !isSuccess(inner.value)) return undefined;
  const granted = inner.value.filter(([code]) => code === OPTION.IAADDR).map(each => readAddress(each[1]));
  const usable = granted.find(each => each !== undefined && each.validSeconds > 0);
  if (usable === undefined) return undefined;
  return { server, ...usable, ...readTimes(association, usable.preferredSeconds) };
}

function readAddress(
  value: Uint8Array,
): Pick<Binding, 'address' | 'preferredSeconds' | 'validSeconds'> | undefined {
  if (value.length < 24) return undefined;
  const view = viewOf(value);
  const preferred = view.getUint32(16);
  const valid = view.getUint32(20);
  const status = decodeOptions(value.subarray(24));
  // RFC 8415 §21.6: an address whose preferred lifetime exceeds the valid one is discarded.
  if (preferred > valid || !status.ok || !isSuccess(status.value)) return undefined;
  return { address: value.slice(0, 16), preferredSeconds: seconds(preferred), validSeconds: seconds(valid) };
}

function readTimes(
  association: Uint8Array,
  preferredSeconds: number,
): Pick<Binding, 'renewalSeconds' | 'rebindingSeconds'> {
  const view = viewOf(association);
  const t1 = view.getUint32(4);
  const t2 = view.getUint32(8);
  // RFC 8415 §14.2, §21.4: zero leaves the times to the client: 0.5 and 0.8 of the preferred lifetime.
  const isUsable = t1 !== 0 && t2 !== 0 && t1 <= t2;
  const renewalSeconds = Math.max(RENEWAL_SECONDS_MIN, isUsable ? seconds(t1) : preferredSeconds * 0.5);
  return {
    renewalSeconds,
    rebindingSeconds: Math.max(renewalSeconds, isUsable ? seconds(t2) : preferredSeconds * 0.8),
  };
}

function seconds(value: number): number {
  return value === FOR_EVER ? Number.POSITIVE_INFINITY : value;
}

function readAddresses(value: Uint8Array | undefined): Uint8Array[] {
  const count = Math.min(SERVERS_MAX, Math.floor((value?.length ?? 0) / 16));
  return Array.from(
    { length: count },
    (_, index) => value?.slice(index * 16, index * 16 + 16) ?? new Uint8Array(),
  );
}
