/**
 * The DHCPv6 client of RFC 8415 §18.2 as a pure machine, for one address (IA_NA) or for settings alone. Router
 * advertisements decide which: the M flag asks for an address, the O flag for settings.
 */
import { concatBytes, equalBytes, viewOf } from '../../base/bytes.ts';
import type { Option } from './message.ts';
import {
  decodeDhcp6Message,
  encodeDhcp6Message,
  encodeOptions,
  findOption,
  MESSAGE,
  OPTION,
} from './message.ts';
import type { Binding, Settings } from './reply.ts';
import { isForClient, isSuccess, readBinding, readRefreshSeconds, readSettings } from './reply.ts';

export type Phase =
  'STOPPED' | 'SOLICIT' | 'REQUEST' | 'BOUND' | 'RENEW' | 'REBIND' | 'INFORMATION' | 'INFORMED';

export interface Dhcp6Client {
  readonly phase: Phase;
  readonly clientId: Uint8Array;
  readonly iaid: number;
  readonly transactionId: number;
  readonly exchangeStartMs: number;
  /** RFC 8415 §15: the last retransmission time; 0 before the first transmission. */
  readonly waitMs: number;
  readonly attempts: number;
  readonly offered?: Binding;
  readonly binding?: Binding & { readonly startMs: number };
  readonly wakeAtMs: number;
}

export type Dhcp6Event =
  | { readonly kind: 'start'; readonly mode: 'address' | 'information' }
  | { readonly kind: 'stop' }
  | { readonly kind: 'message'; readonly bytes: Uint8Array }
  | { readonly kind: 'wake' };

export type Dhcp6Action =
  | { readonly kind: 'multicast'; readonly bytes: Uint8Array }
  | { readonly kind: 'configure'; readonly binding: Binding }
  | { readonly kind: 'unconfigure'; readonly address: Uint8Array; readonly reason: string }
  | { readonly kind: 'settings'; readonly settings: Settings };

export interface Moment {
  readonly nowMs: number;
  readonly transactionId: number;
  /** A fraction in [0, 1). */
  readonly chance: number;
}

export interface Dhcp6Step {
  readonly state: Dhcp6Client;
  readonly actions: readonly Dhcp6Action[];
}

/** RFC 8415 §7.6: initial and largest retransmission time, and attempts where they are bounded. */
const RETRANSMISSION = {
  SOLICIT: { firstMs: 1_000, maxMs: 3_600_000, type: MESSAGE.SOLICIT },
  REQUEST: { firstMs: 1_000, maxMs: 30_000, type: MESSAGE.REQUEST },
  RENEW: { firstMs: 10_000, maxMs: 600_000, type: MESSAGE.RENEW },
  REBIND: { firstMs: 10_000, maxMs: 600_000, type: MESSAGE.REBIND },
  INFORMATION: { firstMs: 1_000, maxMs: 3_600_000, type: MESSAGE.INFORMATION_REQUEST },
} as const;
type Asking = keyof typeof RETRANSMISSION;
const REQUEST_ATTEMPTS_MAX = 10;
/** RFC 8415 §7.6: SOL_MAX_DELAY and INF_MAX_DELAY. */
const FIRST_DELAY_MAX_MS = 1_000;
const NEVER: number = Number.POSITIVE_INFINITY;

export function createDhcp6Client(clientId: Uint8Array, iaid: number): Dhcp6Client {
  const idle = { transactionId: 0, exchangeStartMs: 0, waitMs: 0, attempts: 0, wakeAtMs: NEVER };
  return { phase: 'STOPPED', clientId, iaid, ...idle };
}

export function stepDhcp6Client(state: Dhcp6Client, event: Dhcp6Event, moment: Moment): Dhcp6Step {
  switch (event.kind) {
    case 'start':
      return start(state, event.mode, moment);
    case 'stop':
      return { state: { ...state, phase: 'STOPPED', wakeAtMs: NEVER }, actions: [] };
    case 'message':
      return receive(state, event.bytes, moment);
    case 'wake':
      return moment.nowMs < state.wakeAtMs ? { state, actions: [] } : wake(state, moment);
  }
}

function start(state: Dhcp6Client, mode: 'address' | 'information', moment: Moment): Dhcp6Step {
  if (state.phase !== 'STOPPED') return { state, actions: [] };
  const phase = mode === 'information' ? 'INFORMATION' : state.binding === undefined ? 'SOLICIT' : 'REBIND';
  // RFC 8415 §18.2.1: the first message waits a random time of at most a second.
  const begun = begin(state, phase, moment);
  return { state: { ...begun, wakeAtMs: moment.nowMs + moment.chance * FIRST_DELAY_MAX_MS }, actions: [] };
}

function begin(state: Dhcp6Client, phase: Asking, moment: Moment): Dhcp6Client {
  const transactionId = moment.transactionId & 0xffffff;
  return { ...state, phase, transactionId, exchangeStartMs: moment.nowMs, waitMs: 0, attempts: 0 };
}

function wake(state: Dhcp6Client, moment: Moment): Dhcp6Step {
  if (state.binding !== undefined && moment.nowMs >= endMs(state, 'validSeconds'))
    return expire(state, moment);
  switch (state.phase) {
    case 'STOPPED':
      return { state: { ...state, wakeAtMs: NEVER }, actions: [] };
    case 'BOUND':
      return transmit(begin(state, 'RENEW', moment), moment);
    case 'INFORMED':
      return transmit(begin(state, 'INFORMATION', moment), moment);
    case 'REQUEST':
      if (state.attempts >= REQUEST_ATTEMPTS_MAX) return transmit(begin(state, 'SOLICIT', moment), moment);
      return transmit(state, moment);
    case 'RENEW':
      // RFC 8415 §18.2.5: at T2 any server is asked.
      if (moment.nowMs >= endMs(state, 'rebindingSeconds'))
        return transmit(begin(state, 'REBIND', moment), moment);
      return transmit(state, moment);
    default:
      return transmit(state, moment);
  }
}

function transmit(state: Dhcp6Client, moment: Moment): Dhcp6Step {
  const phase = state.phase as Asking;
  const { firstMs, maxMs } = RETRANSMISSION[phase];
  // RFC 8415 §15: RT = 2·RTprev + RAND·RTprev with RAND in ±0.1; the first RT of a Solicit is never early.
  const spread = phase === 'SOLICIT' && state.waitMs === 0 ? moment.chance * 0.1 : moment.chance * 0.2 - 0.1;
  const doubled = state.waitMs === 0 ? firstMs : state.waitMs * 2;
  const waitMs = Math.min(doubled, maxMs) * (1 + spread);
  const limit = phase === 'RENEW' ? endMs(state, 'rebindingSeconds') : endMs(state, 'validSeconds');
  const wakeAtMs = Math.min(moment.nowMs + waitMs, Math.max(moment.nowMs + 1, limit));
  const next = { ...state, waitMs, attempts: state.attempts + 1, wakeAtMs };
  return { state: next, actions: [{ kind: 'multicast', bytes: messageOf(state, phase, moment) }] };
}

function messageOf(state: Dhcp6Client, phase: Asking, moment: Moment): Uint8Array {
  const elapsed = new Uint8Array(2);
  const hundredths = Math.floor((moment.nowMs - state.exchangeStartMs) / 10);
  // RFC 8415 §21.9: hundredths of a second since the exchange began; the largest value stands for all larger.
  viewOf(elapsed).setUint16(0, Math.min(0xffff, hundredths));
  const options: Option[] = [
    [OPTION.CLIENTID, state.clientId],
    [OPTION.ELAPSED_TIME, elapsed],
    [OPTION.ORO, requestedOptions(phase)],
  ];
  const named = phase === 'REQUEST' ? state.offered : phase === 'RENEW' ? state.binding : undefined;
  if (named !== undefined) options.push([OPTION.SERVERID, named.server]);
  if (phase !== 'INFORMATION') options.push([OPTION.IA_NA, associationOf(state)]);
  return encodeDhcp6Message({
    type: RETRANSMISSION[phase].type,
    transactionId: state.transactionId,
    options,
  });
}

function requestedOptions(phase: Asking): Uint8Array {
  const codes: number[] = [OPTION.DNS_SERVERS, OPTION.NTP_SERVER];
  if (phase === 'INFORMATION') codes.push(OPTION.INFORMATION_REFRESH_TIME);
  return Uint8Array.from(codes.flatMap(code => [code >> 8, code & 0xff]));
}

function associationOf(state: Dhcp6Client): Uint8Array {
  const head = new Uint8Array(12);
  viewOf(head).setUint32(0, state.iaid);
  const wanted = state.binding ?? state.offered;
  if (wanted === undefined) return head;
  return concatBytes([
    head,
    encodeOptions([[OPTION.IAADDR, concatBytes([wanted.address, new Uint8Array(8)])]]),
  ]);
}

function receive(state: Dhcp6Client, bytes: Uint8Array, moment: Moment): Dhcp6Step {
  const nothing = { state, actions: [] };
  const decoded = decodeDhcp6Message(bytes);
  if (!decoded.ok || decoded.value.transactionId !== state.transactionId) return nothing;
  const message = decoded.value;
  if (!isForClient(message, state.clientId) || !isSuccess(message.options)) return nothing;
  if (message.type === MESSAGE.ADVERTISE && state.phase === 'SOLICIT') {
    const offered = readBinding(message, state.iaid);
    // DEVIATES from RFC 8415 §18.2.9: the first usable advertisement is taken instead of the one preferred most after
    // a wait, because a home or a provider has one server and every start would wait for a second.
    return offered === undefined
      ? nothing
      : transmit(begin({ ...state, offered }, 'REQUEST', moment), moment);
  }
  if (message.type !== MESSAGE.REPLY) return nothing;
  const settings = { kind: 'settings', settings: readSettings(message) } as const;
  if (state.phase === 'INFORMATION') {
    const wakeAtMs = moment.nowMs + readRefreshSeconds(message) * 1000;
    return { state: { ...state, phase: 'INFORMED', wakeAtMs }, actions: [settings] };
  }
  if (!['REQUEST', 'RENEW', 'REBIND'].includes(state.phase)) return nothing;
  const expected =
    state.phase === 'REQUEST' ? state.offered : state.phase === 'RENEW' ? state.binding : undefined;
  const server = findOption(message.options, OPTION.SERVERID) ?? new Uint8Array();
  if (expected !== undefined && !equalBytes(expected.server, server)) return nothing;
  const binding = readBinding(message, state.iaid);
  if (binding === undefined) return refused(state, moment);
  const step = bind(state, binding, moment);
  return { ...step, actions: [...step.actions, settings] };
}

/** RFC 8415 §18.2.10.1: NoAddrsAvail and NoBinding send the client back to look for a server. */
function refused(state: Dhcp6Client, moment: Moment): Dhcp6Step {
  // While the address at hand is valid it is kept, and asked for again at the next retransmission.
  if (state.binding !== undefined) return { state, actions: [] };
  const { offered: _, ...rest } = state;
  const begun = begin(rest, 'SOLICIT', moment);
  return { state: { ...begun, wakeAtMs: moment.nowMs + RETRANSMISSION.REQUEST.maxMs }, actions: [] };
}

function bind(state: Dhcp6Client, binding: Binding, moment: Moment): Dhcp6Step {
  const { offered: _, ...rest } = state;
  const before = state.binding;
  const moved = before !== undefined && !equalBytes(before.address, binding.address);
  const gone = { kind: 'unconfigure', reason: 'the server gave another address' } as const;
  const bound: Dhcp6Client = {
    ...rest,
    phase: 'BOUND',
    binding: { ...binding, startMs: moment.nowMs },
    wakeAtMs: moment.nowMs + binding.renewalSeconds * 1000,
  };
  return {
    state: bound,
    actions: [...(moved ? [{ ...gone, address: before.address }] : []), { kind: 'configure', binding }],
  };
}

function expire(state: Dhcp6Client, moment: Moment): Dhcp6Step {
  const { binding, ...rest } = state;
  const address = binding?.address ?? new Uint8Array();
  const step = transmit(begin(rest, 'SOLICIT', moment), moment);
  return {
    ...step,
    actions: [{ kind: 'unconfigure', address, reason: 'its lifetime ran out' }, ...step.actions],
  };
}

function endMs(state: Dhcp6Client, which: 'validSeconds' | 'rebindingSeconds'): number {
  return state.binding === undefined ? NEVER : state.binding.startMs + state.binding[which] * 1000;
}
