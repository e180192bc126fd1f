import type { Endpoint } from '../../../devices/tcp.ts';
import { FLAG, formatRcode, RCODE, type Message } from '../message.ts';
import { formatName } from '../name.ts';
import { formatType } from '../record-types/mnemonics.ts';
import type { ResolverAction } from './event.ts';
import { EDE, fault, type Fault } from './fault.ts';
import type { Fetch, Wanted } from './fetch.ts';
import { judgeReply } from './judge-reply.ts';
import { learn } from './learn.ts';
import { SENDS_PER_FETCH_MAX, SENDS_PER_SERVER_MAX, TCP_TIMEOUT_MS } from './limits.ts';
import { encodeResolverQuery, matchAnswer, mixCase, type Query } from './query.ts';
import { readReply } from './reply.ts';
import { serverKey } from './server-memory.ts';
import type { Moment, OpenQuestion, ResolverState } from './state.ts';
import { Budget } from './validation/budget.ts';

/** One step of the resolver: what it may look at, and what has come of it so far. */
export interface Turn {
  readonly state: ResolverState;
  readonly now: Moment;
  readonly actions: ResolverAction[];
  /** Keys of the fetches that have ended, or know nobody to ask any more. */
  readonly ended: Set<string>;
}

/** Begins what is wanted, or goes on with it where more servers were found. */
export function startFetch(turn: Turn, wanted: Wanted): void {
  const { fetches } = turn.state;
  const open = fetches.get(wanted.key);
  if (open !== undefined) {
    if (!open.isStarved) return;
    open.isStarved = false;
    open.servers = wanted.servers;
    return sendNext(turn, open);
  }
  const text = `no server answers for ${formatType(wanted.type)} of ${formatName(wanted.name)}`;
  const fetch: Fetch = {
    ...wanted,
    tries: new Map(),
    sends: 0,
    query: undefined,
    isStarved: false,
    fault: fault(EDE.NO_REACHABLE_AUTHORITY, text),
  };
  fetches.set(fetch.key, fetch);
  sendNext(turn, fetch);
}

/** What came for a query. */
export function receive(turn: Turn, number: number, bytes: Uint8Array): void {
  const fetch = turn.state.queries.get(number);
  const query = fetch?.query;
  if (fetch === undefined || query === undefined) return;
  const answered = matchAnswer(query, fetch, bytes);
  if (answered === undefined) {
    // RFC 5452 §9.1: what does not match is no answer; on a connection nobody but the server can have sent it.
    if (query.transport === 'tcp') pass(turn, fetch, EDE.INVALID_DATA, 'answers something else');
    return;
  }
  const { servers } = turn.state;
  const { message, keepsCase } = answered;
  if (query.transport === 'udp') servers.answered(query.server, turn.now.monotonicMs - query.sentMs);
  else if (!keepsCase) servers.changedCase(query.server);
  // RFC 7766 §5: what is cut short is asked for by TCP. So is what may be forged, where the server does not keep the letters' case.
  const isDoubtful = !keepsCase && servers.keepsCase(query.server);
  const isShort = (message.flags & FLAG.TC) !== 0;
  if (query.transport === 'udp' && (isShort || isDoubtful)) return send(turn, fetch, query.server, 'tcp');
  handleAnswer(turn, fetch, query, message);
}

/** RFC 6891 §7 and §6.1.3: what servers say that do not know EDNS, or this version. */
const NO_EDNS: readonly number[] = [RCODE.FORMERR, RCODE.NOTIMP, RCODE.BADVERS];
const ANSWERS: readonly number[] = [RCODE.NOERROR, RCODE.NXDOMAIN, RCODE.YXDOMAIN];

function handleAnswer(turn: Turn, fetch: Fetch, query: Query, message: Message): void {
  const { state, now } = turn;
  const { rcode } = message;
  if (query.hasEdns && NO_EDNS.includes(rcode)) {
    state.servers.refusedEdns(query.server, now.monotonicMs);
    return send(turn, fetch, query.server, query.transport);
  }
  if (!ANSWERS.includes(rcode))
    return pass(turn, fetch, EDE.NO_REACHABLE_AUTHORITY, `answers ${formatRcode(rcode)}`);
  const { server } = query;
  const reply = readReply(message);
  const waiting = waitingFor(state, fetch);
  const budget = new Budget(Math.max(0, ...waiting.map(({ verificationsLeft }) => verificationsLeft)));
  const nowSeconds = Math.floor(now.wallMs / 1_000);
  const judgement = judgeReply(reply, fetch, { zone: fetch.zone, nowSeconds, budget });
  for (const question of waiting) question.verificationsLeft -= budget.spent;
  if (judgement.kind === 'useless') return pass(turn, fetch, EDE.INVALID_DATA, judgement.fault.text);
  learn(state, { asked: fetch, reply, server }, judgement, now.monotonicMs);
  end(turn, fetch);
}

/** The query will not be answered any more. */
export function giveUpQuery(turn: Turn, number: number, reason: string): void {
  const fetch = turn.state.queries.get(number);
  if (fetch !== undefined) pass(turn, fetch, EDE.NETWORK_ERROR, reason);
}

/** The server was silent: it is asked once more, others before it. */
export function expireQueries(turn: Turn): void {
  for (const fetch of turn.state.queries.values()) {
    const { query } = fetch;
    if (query === undefined || query.dueMs > turn.now.monotonicMs) continue;
    turn.state.servers.wasSilent(query.server);
    fetch.fault = aboutServer(fetch, query.server, EDE.NO_REACHABLE_AUTHORITY, 'does not answer');
    sendNext(turn, fetch);
  }
}

/** Goes on without this server. */
function pass(turn: Turn, fetch: Fetch, code: number, what: string): void {
  if (fetch.query === undefined) return;
  const { server } = fetch.query;
  turn.state.servers.penalise(server, turn.now.monotonicMs);
  fetch.tries.set(serverKey(server), Number.POSITIVE_INFINITY);
  fetch.fault = aboutServer(fetch, server, code, what);
  sendNext(turn, fetch);
}

function aboutServer({ name, type }: Fetch, server: Endpoint, code: number, what: string): Fault {
  return fault(code, `${server.host}, asked for ${formatType(type)} of ${formatName(name)}: ${what}`);
}

function sendNext(turn: Turn, fetch: Fetch): void {
  close(turn, fetch);
  const { state, now } = turn;
  const waiting = waitingFor(state, fetch);
  const payer = waiting.find(({ queriesLeft }) => queriesLeft > 0);
  // Nobody waits for it, or nobody who may wait has anything left to spend.
  if (payer === undefined) return end(turn, fetch);
  const open = fetch.servers.filter(
    server => (fetch.tries.get(serverKey(server)) ?? 0) < SENDS_PER_SERVER_MAX,
  );
  const fresh = open.filter(server => !fetch.tries.has(serverKey(server)));
  const server = state.servers.choose(fresh.length > 0 ? fresh : open, state.draw, now.monotonicMs);
  if (server === undefined || fetch.sends === SENDS_PER_FETCH_MAX) {
    fetch.isStarved = true;
    turn.ended.add(fetch.key);
    return;
  }
  payer.queriesLeft--;
  send(turn, fetch, server, 'udp');
}

function send(turn: Turn, fetch: Fetch, server: Endpoint, transport: Query['transport']): void {
  close(turn, fetch);
  const { state, now, actions } = turn;
  const waitMs = transport === 'tcp' ? TCP_TIMEOUT_MS : state.servers.timeoutMs(server);
  const query: Query = {
    number: state.nextQuery++,
    server,
    transport,
    // RFC 5452 §9.2: an unpredictable id for each query.
    id: state.draw.uint16(),
    name: mixCase(fetch.name, state.draw),
    type: fetch.type,
    hasEdns: state.servers.knowsEdns(server, now.monotonicMs),
    sentMs: now.monotonicMs,
    dueMs: now.monotonicMs + waitMs,
  };
  const key = serverKey(server);
  fetch.tries.set(key, (fetch.tries.get(key) ?? 0) + 1);
  fetch.sends++;
  fetch.query = query;
  state.queries.set(query.number, fetch);
  const bytes = encodeResolverQuery(query, fetch.zone.delegation.isRecursive);
  actions.push({ kind: 'send', query: query.number, server, transport, bytes });
}

function close({ state, actions }: Turn, fetch: Fetch): void {
  if (fetch.query === undefined) return;
  state.queries.delete(fetch.query.number);
  actions.push({ kind: 'close', query: fetch.query.number });
  fetch.query = undefined;
}

function end(turn: Turn, fetch: Fetch): void {
  close(turn, fetch);
  turn.state.fetches.delete(fetch.key);
  turn.ended.add(fetch.key);
}

function waitingFor({ questions }: ResolverState, { key }: Fetch): OpenQuestion[] {
  return [...questions.values()].filter(question => question.waitingFor.has(key));
}
