import type { Endpoint } from '../../../devices/tcp.ts';
import { TYPE } from '../message.ts';
import { equalNames, formatName, type Name } from '../name.ts';
import { canonicalKey } from '../zone-file/canonical-key.ts';
import { NO_SUCH_NAME } from './cache.ts';
import type { Delegation } from './delegation.ts';
import { EDE, fault } from './fault.ts';
import { fetchKey, type Fetch, type Wanted } from './fetch.ts';
import { judgeReply } from './judge-reply.ts';
import { learn, learnFailure } from './learn.ts';
import { SENDS_PER_FETCH_MAX } from './limits.ts';
import { minimisedNames } from './minimise.ts';
import { failed, type Failed, type Outcome, type Unproved } from './outcome.ts';
import { ServerFinder } from './server-finder.ts';
import type { Moment, OpenQuestion, ResolverState } from './state.ts';
import { isCut, trustByDs, trustOf, type NoZone } from './trust.ts';
import { Budget } from './validation/budget.ts';
import { INSECURE, type Trust, type Zone } from './zone.ts';

/** RFC 9156 §2.1: a type that every server knows and that tells nothing. */
const MINIMISED_TYPE = TYPE.A;

/**
 * One look at what is known, on behalf of one question: it gives what follows from that, or gathers what has to be fetched first. It is
 * made anew whenever a fetch has ended, from the start, so there is no half-done work to keep: what was learnt is in the cache.
 *
 * Everywhere below, undefined means that something is {@link wanted} first.
 */
export class Walk {
  /** What is to be asked, by key. */
  readonly wanted: Map<string, Wanted> = new Map<string, Wanted>();
  /** Keys of what the question waits for: all that is wanted, and what goes on when that has led to more servers. */
  readonly awaited: Set<string> = new Set<string>();
  readonly #state: ResolverState;
  readonly #question: OpenQuestion;
  readonly #now: Moment;
  readonly #finder: ServerFinder;
  /** What is being concluded, so that nothing depends on itself. */
  readonly #path = new Set<string>();

  constructor(state: ResolverState, question: OpenQuestion, now: Moment) {
    this.#state = state;
    this.#question = question;
    this.#now = now;
    this.#finder = new ServerFinder((name, type) => this.conclude(name, type), state.settings);
  }

  /** What is known of `name` and `type`; aliases are not followed. `isStep`: what is above it has been looked at. */
  conclude(name: Name, type: number, isStep = false): Outcome | undefined {
    const key = `${type} ${canonicalKey(name)}`;
    if (this.#path.has(key))
      return unreachable(`the servers of ${formatName(name)} can only be found by asking themselves`);
    this.#path.add(key);
    const outcome = this.#look(name, type, isStep);
    this.#path.delete(key);
    return outcome;
  }

  #look(name: Name, type: number, isStep: boolean): Outcome | undefined {
    const known = this.#known(name, type) ?? this.#settleKnown(name, type);
    if (known !== 'ask') return known;
    const zone = this.#zoneFor(name, type);
    if (zone === undefined || 'kind' in zone) return zone;
    const above = isStep ? 'ask' : this.#lookAbove(name, zone);
    return above === 'ask' ? this.#want(zone, name, type) : above;
  }

  #known(name: Name, type: number): Outcome | undefined {
    const own = this.#cached(name, type);
    if (own !== undefined) return own;
    const alias = this.#cached(name, TYPE.CNAME);
    if (alias?.kind === 'found') return alias;
    // RFC 8020 §2: there is nothing below a name that does not exist.
    for (let at = 0; at < name.length; at++) {
      const gone = this.#cached(name.slice(at), NO_SUCH_NAME);
      if (gone !== undefined) return gone;
    }
    return undefined;
  }

  #cached(name: Name, type: number): Outcome | undefined {
    const nowMs = this.#now.monotonicMs;
    const entry = this.#state.cache.get(name, type, nowMs, this.#question.startedMs);
    if (entry === undefined) return undefined;
    const { value, expiresMs } = entry;
    if (value.kind === 'failed') return value;
    return { ...value, ttlSeconds: Math.max(0, Math.ceil((expiresMs - nowMs) / 1_000)) };
  }

  /** RFC 9156 §2.3: the names above come first. Where one of them is proven not to exist, that is the end. */
  #lookAbove(name: Name, { delegation }: Zone): Outcome | 'ask' | undefined {
    if (delegation.isRecursive) return 'ask';
    for (const above of minimisedNames(name, delegation.apex.length)) {
      const outcome = this.conclude(above, MINIMISED_TYPE, true);
      if (outcome === undefined) return undefined;
      const isGone = outcome.kind === 'absent' && !outcome.exists;
      if (isGone && outcome.secure) return outcome;
      // RFC 9156 §3: some servers fail at names that only have names below them; they are asked for the whole name then.
      if (isGone || outcome.kind === 'failed') break;
    }
    return 'ask';
  }

  /** The zone whose servers have the answer: RFC 4035 §3.1.4.1, the DS of a name is in the zone above. */
  #zoneFor(name: Name, type: number): Zone | Failed | undefined {
    const { delegations } = this.#state;
    const from = type === TYPE.DS ? name.slice(1) : name;
    const delegation = delegations.closest(from, this.#now.monotonicMs, this.#question.startedMs);
    const trust = this.#trustIn(delegation.apex);
    if (trust === undefined || trust.kind === 'failed') return trust;
    if (trust.kind === 'no-zone') return this.#withoutZone(delegation.apex) ?? this.#zoneFor(name, type);
    const zone = trust.kind === 'keyless' ? this.#withKeys({ delegation, trust }) : { delegation, trust };
    if (zone === undefined || 'kind' in zone || !delegation.isHint) return zone;
    return this.#prime(zone);
  }

  /** The zone was taken out of the one above since that told of it; or the one above contradicts itself, but not without end. */
  #withoutZone(apex: Name): Failed | undefined {
    this.#state.delegations.delete(apex);
    if (this.#question.doubtsLeft-- > 0) return undefined;
    const text = `the zone above ${formatName(apex)} refers to it, and proves that there is no such zone`;
    return failed(fault(EDE.DNSSEC_BOGUS, text));
  }

  #trustIn(apex: Name): Trust | NoZone | Failed | undefined {
    const anchor = this.#state.settings.anchors.find(one => equalNames(one.apex, apex));
    if (anchor !== undefined) return trustByDs(anchor.ds);
    if (apex.length === 0) return INSECURE;
    const ds = this.conclude(apex, TYPE.DS);
    return ds === undefined ? undefined : trustOf(ds);
  }

  #withKeys(zone: Zone): Zone | Failed | undefined {
    const { apex } = zone.delegation;
    const known = this.#cached(apex, TYPE.DNSKEY);
    if (known?.kind === 'failed') return known;
    if (known?.kind === 'found' && known.secure)
      return { ...zone, trust: { kind: 'keys', dnskeys: known.rrset.data } };
    const unproved = this.#unproved(apex, TYPE.DNSKEY);
    const doubted = unproved === undefined ? 'ask' : this.#doubt(apex, TYPE.DNSKEY, unproved);
    return doubted === 'ask' ? this.#want(zone, apex, TYPE.DNSKEY) : doubted;
  }

  /** RFC 9609 §4: the first question to the root is for its servers; where it is not answered, the hints have to do. */
  #prime(zone: Zone): Zone | undefined {
    if (this.#cached([], TYPE.NS) !== undefined || this.#unproved([], TYPE.NS) !== undefined) return zone;
    return this.#want(zone, [], TYPE.NS) === undefined ? undefined : zone;
  }

  /**
   * What to make of an answer that its zone does not prove: it may be of a zone below, which the same servers have, so that they referred
   * to nobody. The DS records of the names in between tell.
   */
  #settle(name: Name, type: number, unproved: Unproved): Outcome | 'ask' | undefined {
    const zone = this.#zoneFor(name, type);
    if (zone === undefined || 'kind' in zone) return zone;
    const { apex } = zone.delegation;
    if (apex.length > unproved.zoneLabels) return this.#judgeAgain(zone, { name, type }, unproved);
    const cutsMax = type === TYPE.DS ? name.length - 1 : name.length;
    for (let labels = apex.length + 1; labels <= cutsMax; labels++) {
      const cut = name.slice(name.length - labels);
      const ds = this.conclude(cut, TYPE.DS);
      if (ds === undefined || ds.kind === 'failed') return ds;
      if (isCut(ds)) {
        this.#shareServers(zone.delegation, cut);
        return this.#settle(name, type, unproved);
      }
      if (ds.kind === 'absent' && !ds.exists) break;
    }
    return this.#doubt(name, type, unproved);
  }

  /** By the keys of the zone below, as which it has turned out. */
  #judgeAgain(
    zone: Zone,
    asked: { readonly name: Name; readonly type: number },
    { reply, server }: Unproved,
  ): Outcome | 'ask' | undefined {
    const budget = new Budget(this.#question.verificationsLeft);
    const nowSeconds = Math.floor(this.#now.wallMs / 1_000);
    const judgement = judgeReply(reply, asked, { zone, nowSeconds, budget });
    this.#question.verificationsLeft -= budget.spent;
    if (judgement.kind === 'useless') return failed(judgement.fault);
    this.#state.unproved.delete(asked.name, asked.type);
    learn(this.#state, { asked: { zone, ...asked }, reply, server }, judgement, this.#now.monotonicMs);
    if (judgement.kind === 'found' || judgement.kind === 'absent') return judgement;
    return this.#settleKnown(asked.name, asked.type);
  }

  #settleKnown(name: Name, type: number): Outcome | 'ask' | undefined {
    const unproved = this.#unproved(name, type);
    return unproved === undefined ? 'ask' : this.#settle(name, type, unproved);
  }

  #unproved(name: Name, type: number): Unproved | undefined {
    const { unproved } = this.#state;
    return unproved.get(name, type, this.#now.monotonicMs, this.#question.startedMs)?.value;
  }

  #shareServers(above: Delegation, apex: Name): void {
    const { cache, delegations } = this.#state;
    const nowMs = this.#now.monotonicMs;
    const expiresMs = cache.peek(apex, TYPE.DS)?.expiresMs ?? nowMs;
    delegations.put({ ...above, apex, isHint: false, storedMs: nowMs, expiresMs });
  }

  /** The answer may be forged, or of a server that is behind: others are asked, but not without end. */
  #doubt(name: Name, type: number, { server, fault: why }: Unproved): Failed | 'ask' {
    const { unproved, servers } = this.#state;
    const nowMs = this.#now.monotonicMs;
    servers.penalise(server, nowMs);
    if (this.#question.doubtsLeft-- <= 0) return learnFailure(this.#state, { name, type }, why, nowMs);
    unproved.delete(name, type);
    return 'ask';
  }

  #want(zone: Zone, name: Name, type: number): Failed | undefined {
    const key = fetchKey(zone, name, type);
    const open = this.#state.fetches.get(key);
    const servers = this.#serversFor(zone, open);
    if (open !== undefined || servers !== undefined) this.awaited.add(key);
    if (servers === undefined) return undefined;
    if (servers.length > 0) {
      this.wanted.set(key, { key, zone, name, type, servers });
      return undefined;
    }
    this.#state.fetches.delete(key);
    if (open !== undefined)
      return learnFailure(this.#state, { name, type }, open.fault, this.#now.monotonicMs);
    return unreachable(`no server of ${formatName(zone.delegation.apex)} has an address`);
  }

  #serversFor({ delegation }: Zone, open: Fetch | undefined): readonly Endpoint[] | undefined {
    if (open === undefined) return this.#finder.find(delegation);
    if (!open.isStarved) return open.servers;
    return open.sends < SENDS_PER_FETCH_MAX ? this.#finder.find(delegation, open.tries) : [];
  }
}

function unreachable(text: string): Failed {
  return failed(fault(EDE.NO_REACHABLE_AUTHORITY, text));
}
