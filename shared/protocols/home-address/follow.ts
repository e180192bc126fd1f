/** Which addresses a name shall have while those of its line change: what each source sees goes in, what to write into the zone comes out. */
import { FAMILIES, type Addresses, type Choice, type Family, type Sight, type Source } from './addresses.ts';

export interface FollowSettings {
  /** The first of them that sees an address of a family decides about it. */
  readonly sources: readonly Source[];
  /** Records of the others are left alone. */
  readonly families: readonly Family[];
}

export interface FollowState {
  readonly settings: FollowSettings;
  readonly seen: { readonly [S in Source]?: { readonly [F in Family]?: Kept } };
  /** What the zone has. */
  readonly shown: Addresses;
  /** Who saw what the zone has, as far as that is known. */
  readonly shownBy: { readonly [F in Family]?: Source };
  /** On its way into the zone. */
  readonly underWay: Choice | undefined;
  /** How many changes may be made at once, and at what time it was so many. */
  readonly budget: { readonly changes: number; readonly atMs: number };
  /** Nothing is tried before, since the last attempt failed. */
  readonly retryAtMs: number;
}

interface Kept {
  readonly addresses: readonly string[];
  /** Since when they are these. */
  readonly sinceMs: number;
}

export type FollowEvent =
  /** What a source sees now. */
  | { readonly kind: 'seen'; readonly source: Source; readonly sight: Sight }
  /** What the zone has, whoever wrote it. */
  | { readonly kind: 'shown'; readonly addresses: Addresses }
  /** What was to be written is, or could not be. */
  | { readonly kind: 'written' }
  | { readonly kind: 'failed' }
  | { readonly kind: 'timer' };

export interface FollowStep {
  readonly state: FollowState;
  /** To be written now; answered by 'written' or 'failed'. */
  readonly write: Choice | undefined;
}

/** A line that reconnects may change a few times in a row; each change is at once. */
export const CHANGES_AT_ONCE = 3;
/** One that flaps makes a version of the zone as seldom as this, and where it comes to rest is shown within it: well below a minute. */
export const CHANGE_INTERVAL_MS = 30_000;
/** A fault of the disk may pass. */
export const RETRY_MS = 15_000;
/** A line that comes up again mostly does so within it; an address that is gone for longer is taken away. */
export const LOST_AFTER_MS = 600_000;

export function beginFollow(
  settings: FollowSettings,
  shownBy: FollowState['shownBy'],
  nowMs: number,
): FollowState {
  const budget = { changes: CHANGES_AT_ONCE, atMs: nowMs };
  return { settings, seen: {}, shown: {}, shownBy, underWay: undefined, budget, retryAtMs: nowMs };
}

/** `nowMs` is monotonic. */
export function stepFollow(before: FollowState, event: FollowEvent, nowMs: number): FollowStep {
  const state = take(before, event, nowMs);
  if (isSettled(state, nowMs) || nowMs < changeAtMs(state)) return { state, write: undefined };
  const write = chooseAddresses(state, nowMs);
  const budget = { changes: changesLeft(state, nowMs) - 1, atMs: nowMs };
  return { state: { ...state, underWay: write, budget }, write };
}

/** When the next 'timer' is due; Infinity: only something new changes anything. */
export function wakeAtMs(state: FollowState, nowMs: number): number {
  const losses = FAMILIES.map(family => lostAtMs(state, family)).filter(atMs => atMs > nowMs);
  const next = isSettled(state, nowMs) ? Infinity : Math.max(changeAtMs(state), nowMs);
  return Math.min(next, ...losses);
}

/** Whether the zone has what it shall have, or will in a moment. */
export function isSettled(state: FollowState, nowMs: number): boolean {
  if (state.underWay !== undefined) return true;
  const wanted = chooseAddresses(state, nowMs);
  return state.settings.families.every(family => wanted[family]?.address === state.shown[family]);
}

function take(state: FollowState, event: FollowEvent, nowMs: number): FollowState {
  const { underWay, seen } = state;
  switch (event.kind) {
    case 'seen':
      return { ...state, seen: { ...seen, [event.source]: keep(seen[event.source], event.sight, nowMs) } };
    case 'shown':
      return { ...state, shown: event.addresses };
    case 'written': {
      const shown = { ...state.shown };
      for (const family of state.settings.families) shown[family] = underWay?.[family]?.address;
      const shownBy = Object.fromEntries(FAMILIES.map(family => [family, underWay?.[family]?.source]));
      return { ...state, shown, shownBy, underWay: undefined };
    }
    case 'failed':
      return { ...state, underWay: undefined, retryAtMs: nowMs + RETRY_MS };
    case 'timer':
      return state;
  }
}

function keep(former: FollowState['seen'][Source], sight: Sight, nowMs: number): FollowState['seen'][Source] {
  const kept: { [F in Family]?: Kept } = { ...former };
  for (const family of FAMILIES) {
    const addresses = sight[family];
    if (addresses === undefined || isSame(kept[family]?.addresses, addresses)) continue;
    kept[family] = { addresses, sinceMs: nowMs };
  }
  return kept;
}

/** What the zone shall have of the families that are followed. */
function chooseAddresses(state: FollowState, nowMs: number): Choice {
  const { settings, shown, shownBy } = state;
  const kept = (family: Family) => {
    const address = shown[family];
    return address === undefined ? undefined : { address, source: shownBy[family] };
  };
  const choice: { [F in Family]?: Choice[F] } = {};
  for (const family of settings.families)
    choice[family] = bestOf(state, family) ?? (nowMs < lostAtMs(state, family) ? kept(family) : undefined);
  // A name without any address cannot be told from one that never was: the last one stays.
  if (settings.families.every(family => choice[family] === undefined))
    for (const family of settings.families) choice[family] = kept(family);
  return choice;
}

function bestOf({ settings, seen, shown }: FollowState, family: Family): Choice[Family] {
  for (const source of settings.sources) {
    const addresses = seen[source]?.[family]?.addresses ?? [];
    // Of several, the one that is known to the world stays for as long as it is there.
    const address = addresses.find(each => each === shown[family]) ?? addresses[0];
    if (address !== undefined) return { address, source };
  }
  return undefined;
}

/** When what is shown counts as lost: who saw it has seen none since. */
function lostAtMs({ seen, shownBy }: FollowState, family: Family): number {
  const source = shownBy[family];
  const sight = source === undefined ? undefined : seen[source]?.[family];
  return sight?.addresses.length === 0 ? sight.sinceMs + LOST_AFTER_MS : Infinity;
}

function changeAtMs({ budget, retryAtMs }: FollowState): number {
  const missing = Math.max(0, 1 - budget.changes);
  return Math.max(retryAtMs, budget.atMs + missing * CHANGE_INTERVAL_MS);
}

function changesLeft({ budget }: FollowState, nowMs: number): number {
  return Math.min(CHANGES_AT_ONCE, budget.changes + (nowMs - budget.atMs) / CHANGE_INTERVAL_MS);
}

function isSame(left: readonly string[] | undefined, right: readonly string[]): boolean {
  return left?.length === right.length && left.every((address, index) => address === right[index]);
}
