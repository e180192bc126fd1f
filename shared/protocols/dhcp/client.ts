/**
 * The DHCPv4 client of RFC 2131 §4.4 as a pure machine: {@link stepDhcpClient} takes what happened, the monotonic time
 * and a little chance, and gives the next state and what is to be done. `wakeAtMs` says when it wants to be woken.
 */
import { equalBytes } from '../../base/bytes.ts';
import type { AddressClaim } from './address-claim.ts';
import { beginClaim, defendClaim, NO_CLAIM, stepClaim } from './address-claim.ts';
import type { Lease } from './lease.ts';
import { readLease } from './lease.ts';
import type { DhcpMessage } from './message.ts';
import { BOOTREPLY, decodeDhcpMessage, MESSAGE_TYPE, OPTION } from './message.ts';
import type { ClientIdentity } from './requests.ts';
import {
  declineMessage,
  discoverMessage,
  rememberedMessage,
  renewMessage,
  requestMessage,
} from './requests.ts';

export type Phase =
  'STOPPED' | 'INIT' | 'SELECTING' | 'REQUESTING' | 'REBOOTING' | 'BOUND' | 'RENEWING' | 'REBINDING';

export interface DhcpClient {
  readonly phase: Phase;
  readonly identity: ClientIdentity;
  readonly xid: number;
  /** Transmissions of the present phase. */
  readonly attempts: number;
  /** When the present exchange began; the `secs` field counts from it. */
  readonly exchangeStartMs: number;
  /** RFC 2131 §4.4.1: a lease counts from the sending of the request that got it. */
  readonly requestSentMs: number;
  readonly offer?: Lease;
  readonly lease?: Lease & { readonly startMs: number };
  /** How far the leased address is claimed on the link. */
  readonly claim: AddressClaim;
  /** Addresses declined since the start, because another host uses them. */
  readonly declines: number;
  readonly wakeAtMs: number;
}

export type DhcpEvent =
  /** The link can carry packets (at start, or again). */
  | { readonly kind: 'link-up' }
  | { readonly kind: 'link-down' }
  | { readonly kind: 'message'; readonly bytes: Uint8Array }
  | { readonly kind: 'wake' }
  /** Another host answers for the leased address, or claims it (RFC 5227). */
  | { readonly kind: 'conflict' };

export type DhcpAction =
  | { readonly kind: 'broadcast'; readonly message: DhcpMessage }
  | { readonly kind: 'unicast'; readonly message: DhcpMessage; readonly server: Uint8Array }
  | { readonly kind: 'configure'; readonly lease: Lease }
  /** Ask by ARP whether another host has the address (RFC 5227 §2.1.1). */
  | { readonly kind: 'probe'; readonly address: Uint8Array }
  /** Tell by ARP that this host has the address (RFC 5227 §2.3). */
  | { readonly kind: 'announcement'; readonly address: Uint8Array }
  | { readonly kind: 'unconfigure'; readonly lease: Lease; readonly reason: string }
  | { readonly kind: 'note'; readonly text: string };

/** What varies from run to run: the time, and chance as a transaction number and a fraction in [0, 1). */
export interface Moment {
  readonly nowMs: number;
  readonly xid: number;
  readonly chance: number;
}

export interface DhcpStep {
  readonly state: DhcpClient;
  readonly actions: readonly DhcpAction[];
}

/** RFC 2131 §4.1: 4 s first, doubled each time to at most 64 s, give or take one. */
const RETRANSMIT_FIRST_MS = 4_000;
const RETRANSMIT_MAX_MS = 64_000;
/** RFC 2131 §4.4.5: while renewing and rebinding, half of what remains, and no less than a minute. */
const RENEWAL_WAIT_MIN_MS = 60_000;
/** RFC 2131 §3.1 step 4: four requests, about a minute, then from the start. */
const REQUEST_ATTEMPTS_MAX = 4;
/** Two tries for a remembered address: a server that forgot us says nothing (RFC 2131 §3.2 step 4). */
const REBOOT_ATTEMPTS_MAX = 2;
/** RFC 2131 §3.1 step 5: at least ten seconds after a DHCPDECLINE, so that two hosts do not loop. */
const DECLINE_WAIT_MS = 10_000;
/**
 * After so many addresses in conflict it is more likely that something answers for all of them (proxy ARP at a provider), and a
 * machine without an address helps nobody.
 */
const DECLINES_MAX = 3;
/** A server that refuses what it just offered must not make a loop without pause. */
const NAK_WAIT_MS = 2_000;
const NEVER: number = Number.POSITIVE_INFINITY;

export function createDhcpClient(identity: ClientIdentity): DhcpClient {
  return {
    phase: 'STOPPED',
    identity,
    xid: 0,
    attempts: 0,
    exchangeStartMs: 0,
    requestSentMs: 0,
    claim: NO_CLAIM,
    declines: 0,
    wakeAtMs: NEVER,
  };
}

export function stepDhcpClient(state: DhcpClient, event: DhcpEvent, moment: Moment): DhcpStep {
  switch (event.kind) {
    case 'link-up':
      return linkUp(state, moment);
    case 'link-down':
      return { state: { ...state, phase: 'STOPPED', wakeAtMs: expiryMs(state) }, actions: [] };
    case 'conflict':
      return conflict(state, moment);
    case 'message':
      return receive(state, event.bytes, moment);
    case 'wake':
      return moment.nowMs < state.wakeAtMs ? { state, actions: [] } : wake(state, moment);
  }
}

function linkUp(state: DhcpClient, moment: Moment): DhcpStep {
  if (state.phase !== 'STOPPED') return { state, actions: [] };
  // RFC 2131 §3.7: a host that may have moved asks whether its address still holds.
  const phase = state.lease === undefined ? 'SELECTING' : 'REBOOTING';
  // DEVIATES from RFC 2131 §4.4.1: no random wait of 1 to 10 s before the first message; it guards against many hosts
  // that start in one moment, and would make up most of an appliance's start.
  return transmit(begin(state, phase, moment), moment);
}

function begin(state: DhcpClient, phase: Phase, moment: Moment): DhcpClient {
  return { ...state, phase, attempts: 0, xid: moment.xid >>> 0, exchangeStartMs: moment.nowMs };
}

function wake(state: DhcpClient, moment: Moment): DhcpStep {
  if (state.lease !== undefined && moment.nowMs >= expiryMs(state))
    return lose(state, 'the lease ran out', moment);
  switch (state.phase) {
    case 'STOPPED':
      return { state: { ...state, wakeAtMs: expiryMs(state) }, actions: [] };
    case 'INIT':
      return transmit(begin(state, 'SELECTING', moment), moment);
    case 'SELECTING':
      return transmit(state, moment);
    case 'REQUESTING':
      if (state.attempts >= REQUEST_ATTEMPTS_MAX) return transmit(begin(state, 'SELECTING', moment), moment);
      return transmit(state, moment);
    case 'REBOOTING':
      return state.attempts < REBOOT_ATTEMPTS_MAX ? transmit(state, moment) : keepRemembered(state, moment);
    case 'BOUND':
      if (moment.nowMs < renewalMs(state)) return claim(state, moment);
      // RFC 2131 §4.4.5: at T1 the client moves to RENEWING and asks the server that gave the lease.
      return transmit(begin(state, 'RENEWING', moment), moment);
    case 'RENEWING':
    case 'REBINDING':
      return renew(state, moment);
  }
}

function renew(state: DhcpClient, moment: Moment): DhcpStep {
  // RFC 2131 §4.4.5: at T2 the client moves to REBINDING and asks any server.
  if (state.phase === 'RENEWING' && moment.nowMs >= rebindingMs(state)) {
    return transmit(begin(state, 'REBINDING', moment), moment);
  }
  return transmit(state, moment);
}

/** RFC 2131 §3.2 step 4: without an answer the client may use the remembered lease for the rest of its time. */
function keepRemembered(state: DhcpClient, moment: Moment): DhcpStep {
  const note = { kind: 'note', text: 'no DHCP server answers; the lease at hand is kept' } as const;
  const phase = moment.nowMs >= rebindingMs(state) ? 'REBINDING' : 'RENEWING';
  const step = transmit(begin(state, phase, moment), moment);
  return { ...step, actions: [note, ...step.actions] };
}

function transmit(state: DhcpClient, moment: Moment): DhcpStep {
  const secs = Math.min(0xffff, Math.floor((moment.nowMs - state.exchangeStartMs) / 1000));
  const next = {
    ...state,
    attempts: state.attempts + 1,
    requestSentMs: moment.nowMs,
    wakeAtMs: moment.nowMs + retransmitAfterMs(state, moment),
  };
  return { state: next, actions: [messageOf(next, secs)] };
}

function messageOf(state: DhcpClient, secs: number): DhcpAction {
  const exchange = { identity: state.identity, xid: state.xid, secs };
  if (state.phase === 'REQUESTING' && state.offer !== undefined) {
    return { kind: 'broadcast', message: requestMessage(exchange, state.offer) };
  }
  if (state.lease !== undefined) {
    const { lease } = state;
    if (state.phase === 'REBOOTING')
      return { kind: 'broadcast', message: rememberedMessage(exchange, lease) };
    const message = renewMessage(exchange, lease);
    if (state.phase === 'RENEWING') return { kind: 'unicast', message, server: lease.server };
    if (state.phase === 'REBINDING') return { kind: 'broadcast', message };
  }
  return { kind: 'broadcast', message: discoverMessage(exchange) };
}

function retransmitAfterMs(state: DhcpClient, { nowMs, chance }: Moment): number {
  if (state.phase === 'RENEWING' || state.phase === 'REBINDING') {
    const end = state.phase === 'RENEWING' ? rebindingMs(state) : expiryMs(state);
    return Math.max(0, Math.min(end - nowMs, Math.max(RENEWAL_WAIT_MIN_MS, (end - nowMs) / 2)));
  }
  const base = Math.min(RETRANSMIT_FIRST_MS * 2 ** state.attempts, RETRANSMIT_MAX_MS);
  return base + (chance * 2 - 1) * 1_000;
}

function receive(state: DhcpClient, bytes: Uint8Array, moment: Moment): DhcpStep {
  const decoded = decodeDhcpMessage(bytes);
  const nothing = { state, actions: [] };
  if (!decoded.ok || decoded.value.op !== BOOTREPLY) return nothing;
  const message = decoded.value;
  // RFC 2131 §4.4.1: answers to another transaction or another host are dropped.
  if (message.xid !== state.xid || !equalBytes(message.chaddr, state.identity.hardwareAddress))
    return nothing;
  const type = message.options.get(OPTION.MESSAGE_TYPE)?.[0];
  if (type === MESSAGE_TYPE.OFFER && state.phase === 'SELECTING') return takeOffer(state, message, moment);
  if (!awaitsAcknowledgement(state) || isFromAnotherServer(state, message)) return nothing;
  if (type === MESSAGE_TYPE.ACK) return takeAcknowledgement(state, message, moment);
  if (type === MESSAGE_TYPE.NAK)
    return lose(state, 'the DHCP server refused the address', moment, NAK_WAIT_MS);
  return nothing;
}

function awaitsAcknowledgement(state: DhcpClient): boolean {
  return ['REQUESTING', 'REBOOTING', 'RENEWING', 'REBINDING'].includes(state.phase);
}

function isFromAnotherServer(state: DhcpClient, message: DhcpMessage): boolean {
  const expected =
    state.phase === 'REQUESTING'
      ? state.offer?.server
      : state.phase === 'RENEWING'
        ? state.lease?.server
        : undefined;
  const server = message.options.get(OPTION.SERVER_IDENTIFIER);
  return expected !== undefined && server !== undefined && !equalBytes(server, expected);
}

function takeOffer(state: DhcpClient, message: DhcpMessage, moment: Moment): DhcpStep {
  const lease = readLease(message);
  if (!lease.ok)
    return { state, actions: [{ kind: 'note', text: `an offer was passed over: ${lease.error.reason}` }] };
  // RFC 2131 §4.4.1: the client may take the first offer; the transaction number stays that of the offer.
  const requesting = { ...state, phase: 'REQUESTING', attempts: 0, offer: lease.value } as const;
  return transmit(requesting, moment);
}

function takeAcknowledgement(state: DhcpClient, message: DhcpMessage, moment: Moment): DhcpStep {
  const lease = readLease(message);
  if (!lease.ok) {
    return {
      state,
      actions: [{ kind: 'note', text: `an acknowledgement was passed over: ${lease.error.reason}` }],
    };
  }
  const earlier = state.lease;
  const moved = earlier !== undefined && !equalBytes(earlier.address, lease.value.address);
  // RFC 5227 §2.1: an address is probed for when it is new, and when the link was away; not when it is renewed.
  const isNew = moved || state.phase === 'REQUESTING' || state.phase === 'REBOOTING';
  const { offer: _, ...rest } = state;
  const bound: DhcpClient = {
    ...rest,
    phase: 'BOUND',
    attempts: 0,
    lease: { ...lease.value, startMs: state.requestSentMs },
    claim: isNew ? beginClaim(moment.nowMs) : state.claim,
  };
  const replaced = { kind: 'unconfigure', lease: earlier, reason: 'the server gave another address' };
  const actions = [
    ...(moved ? [replaced as DhcpAction] : []),
    { kind: 'configure', lease: lease.value } as const,
  ];
  const claiming = claim(bound, moment);
  return { state: claiming.state, actions: [...actions, ...claiming.actions] };
}

/**
 * DEVIATES from RFC 5227 §2.1.1: the address is in use while it is probed for, and is given up when somebody answers; to wait for
 * the silence after three probes would make every start five to seven seconds longer.
 */
function claim(state: DhcpClient, moment: Moment): DhcpStep {
  if (state.lease === undefined) return { state, actions: [] };
  const step = stepClaim(state.claim, moment);
  const next = step?.claim ?? state.claim;
  const wakeAtMs = Math.max(moment.nowMs, Math.min(next.wakeAtMs, renewalMs(state)));
  const { address } = state.lease;
  return {
    state: { ...state, claim: next, wakeAtMs },
    actions: step === undefined ? [] : [{ kind: step.packet, address }],
  };
}

function conflict(state: DhcpClient, moment: Moment): DhcpStep {
  if (state.lease === undefined || state.declines > DECLINES_MAX) return { state, actions: [] };
  const defended = defendClaim(state.claim, moment.nowMs);
  if (defended !== undefined) {
    const announcement = { kind: 'announcement', address: state.lease.address } as const;
    const note = { kind: 'note', text: 'another host claims the leased address; it is defended' } as const;
    return { state: { ...state, claim: defended }, actions: [announcement, note] };
  }
  const counted = { ...state, declines: state.declines + 1 };
  if (counted.declines > DECLINES_MAX) {
    const text = 'again something answers for the leased address; it is kept now';
    return { state: counted, actions: [{ kind: 'note', text }] };
  }
  // RFC 2131 §3.1 step 5: the client must tell the server that the address is in use.
  const exchange = { identity: state.identity, xid: state.xid, secs: 0 };
  const decline = { kind: 'broadcast', message: declineMessage(exchange, state.lease) } as const;
  const lost = lose(counted, 'another host uses the address', moment, DECLINE_WAIT_MS);
  return { ...lost, actions: [decline, ...lost.actions] };
}

/** RFC 2131 §4.4.5: the address must be given up at once; then from the start. */
function lose(state: DhcpClient, reason: string, moment: Moment, waitMs = 0): DhcpStep {
  const { lease, offer: _, ...rest } = state;
  const phase = state.phase === 'STOPPED' ? 'STOPPED' : 'INIT';
  const wakeAtMs = phase === 'STOPPED' ? NEVER : moment.nowMs + waitMs;
  const actions: DhcpAction[] =
    lease === undefined ? [{ kind: 'note', text: reason }] : [{ kind: 'unconfigure', lease, reason }];
  return { state: { ...rest, phase, attempts: 0, claim: NO_CLAIM, wakeAtMs }, actions };
}

function expiryMs(state: DhcpClient): number {
  return state.lease === undefined ? NEVER : state.lease.startMs + state.lease.leaseSeconds * 1000;
}

function renewalMs(state: DhcpClient): number {
  return state.lease === undefined ? NEVER : state.lease.startMs + state.lease.renewalSeconds * 1000;
}

function rebindingMs(state: DhcpClient): number {
  return state.lease === undefined ? NEVER : state.lease.startMs + state.lease.rebindingSeconds * 1000;
}
