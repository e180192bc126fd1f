import type { Endpoint } from '../../../devices/tcp.ts';
import { TYPE } from '../message.ts';
import type { Name } from '../name.ts';
import { NO_SUCH_NAME } from './cache.ts';
import { readServers, withHints } from './delegation.ts';
import type { Fault } from './fault.ts';
import type { Wanted } from './fetch.ts';
import type { Judgement, Referral } from './judge-reply.ts';
import { FAILURE_MAX_MS, FAILURE_MIN_MS, TTL_MAX_SECONDS } from './limits.ts';
import { failed, type Absent, type Failed, type Found } from './outcome.ts';
import type { Reply } from './reply.ts';
import type { ResolverState } from './state.ts';

/** A reply to what was asked of a zone, and what it comes to. */
export interface Heard {
  readonly asked: Pick<Wanted, 'zone' | 'name' | 'type'>;
  readonly reply: Reply;
  readonly server: Endpoint;
}

/** Keeps what a reply says. */
export function learn(
  state: ResolverState,
  heard: Heard,
  judgement: Exclude<Judgement, { kind: 'useless' }>,
  nowMs: number,
): void {
  const { name, type, zone } = heard.asked;
  switch (judgement.kind) {
    case 'found':
      if (type === TYPE.NS && zone.delegation.isHint && name.length === 0)
        prime(state, heard, judgement, nowMs);
      return keep(state, name, judgement, { type: judgement.rrset.type, nowMs });
    case 'absent':
      return keep(state, name, judgement, { type, nowMs });
    case 'referral':
      return refer(state, heard, judgement, nowMs);
    case 'doubtful': {
      const { reply, server } = heard;
      const zoneLabels = zone.delegation.apex.length;
      const value = { reply, server, zoneLabels, fault: judgement.fault };
      return state.unproved.put(name, type, { value, storedMs: nowMs, expiresMs: nowMs });
    }
  }
}

/** RFC 9520 §3.2: twice as long each time, so that a broken zone is left in peace. */
export function learnFailure(
  state: ResolverState,
  { name, type }: { readonly name: Name; readonly type: number },
  why: Fault,
  nowMs: number,
): Failed {
  const before = state.cache.peek(name, type);
  const lastMs = before?.value.kind === 'failed' ? before.expiresMs - before.storedMs : 0;
  const forMs = Math.min(FAILURE_MAX_MS, Math.max(FAILURE_MIN_MS, 2 * lastMs));
  const value = failed(why);
  state.cache.put(name, type, { value, storedMs: nowMs, expiresMs: nowMs + forMs });
  return value;
}

function keep(
  { cache }: ResolverState,
  name: Name,
  outcome: Found | Absent,
  { type, nowMs }: { readonly type: number; readonly nowMs: number },
): void {
  const entry = { value: outcome, storedMs: nowMs, expiresMs: expiry(outcome.ttlSeconds, nowMs) };
  cache.put(name, type, entry);
  if (outcome.kind === 'absent' && !outcome.exists && outcome.secure) cache.put(name, NO_SUCH_NAME, entry);
}

function refer(
  state: ResolverState,
  { asked, reply }: Heard,
  { servers, ds }: Referral,
  nowMs: number,
): void {
  const { owner, data, ttlSeconds } = servers;
  const { heldFrom } = asked.zone.delegation;
  state.delegations.put({
    apex: owner,
    heldFrom: owner,
    servers: readServers(reply, data, { bailiwick: heldFrom, port: state.settings.port }),
    isRecursive: false,
    isHint: false,
    storedMs: nowMs,
    expiresMs: expiry(ttlSeconds, nowMs),
  });
  if (ds === undefined) return;
  // Below an insecure zone nothing is proven that could end before the servers do.
  const kept = ds.kind === 'absent' && !ds.secure ? { ...ds, ttlSeconds } : ds;
  keep(state, owner, kept, { type: TYPE.DS, nowMs });
}

/** RFC 9609 §4: the root's own word takes the place of the hints. */
function prime(state: ResolverState, { reply }: Heard, { rrset }: Found, nowMs: number): void {
  const { delegations, settings } = state;
  const said = readServers(reply, rrset.data, { bailiwick: [], port: settings.port });
  state.delegations.put({
    ...delegations.root,
    servers: withHints(said, delegations.root),
    isHint: false,
    storedMs: nowMs,
    expiresMs: expiry(rrset.ttlSeconds, nowMs),
  });
}

function expiry(ttlSeconds: number, nowMs: number): number {
  return nowMs + Math.min(ttlSeconds, TTL_MAX_SECONDS) * 1_000;
}
