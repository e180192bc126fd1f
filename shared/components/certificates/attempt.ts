import type { Clock } from '../../devices/clock.ts';
import { DeviceError } from '../../devices/device-error.ts';
import type { FailureKind } from '../../protocols/acme/back-off.ts';
import type { ChallengeType } from '../../protocols/acme/challenge.ts';
import { describeFailure, type Failure } from '../../protocols/acme/failure.ts';
import { identifierOf } from '../../protocols/acme/identifier.ts';
import { certificateUses, failedValidationUses } from '../../protocols/acme/limits.ts';
import type { RenewalWindow } from '../../protocols/acme/renewal-info.ts';
import type { CertificateMaker, KeyType } from '../x509/certificate-maker.ts';
import type { Authority } from './authority.ts';
import type { Events } from './events.ts';
import { faultOf, type Issued } from './issued.ts';
import { carryOutOrder } from './order.ts';
import type { Preflight } from './preflight.ts';
import type { Proofs } from './proofs.ts';
import type { CertificateStore, StoredOrder } from './store.ts';
import type { TrueTime } from './true-time.ts';
import type { Turns } from './turns.ts';

export type AttemptResult =
  /** `finish` forgets the order, once the certificate is stored. */
  | { readonly kind: 'issued'; readonly issued: Issued; readonly finish: () => Promise<void> }
  | { readonly kind: 'limited'; readonly untilMs: number }
  | {
      readonly kind: 'failed';
      readonly failure: { readonly kind: FailureKind; readonly retryAfterMs?: number };
      /** A sentence for people, without its full stop. */
      readonly reason: string;
    };

export type Attempt = (
  authority: Authority,
  about: { readonly replaces: string | undefined; readonly refusedProofs: number },
) => Promise<AttemptResult>;

export interface AttemptParts {
  readonly id: string;
  readonly names: readonly string[];
  readonly challenges: readonly ChallengeType[];
  readonly keyType: KeyType;
  readonly profile: string | undefined;
  readonly store: CertificateStore;
  readonly maker: CertificateMaker;
  readonly proofs: Proofs;
  readonly preflight: Preflight;
  readonly time: TrueTime;
  readonly clock: Clock;
  readonly events: Events;
  /** One order at a time in the whole appliance. */
  readonly turns: Turns;
  readonly signal: AbortSignal;
}

/** Goes on with the order under way, or makes one if preflight and rate limits allow; comes back with what became of it. */
export function createAttempt(parts: AttemptParts): Attempt {
  const { turns, signal } = parts;
  return async (authority, about) => {
    try {
      return await turns(() => tryOnce(parts, authority, about));
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof DeviceError)) throw error;
      // The store: without it nothing is asked for, since what came of it would be lost.
      return { kind: 'failed', failure: { kind: 'preflight' }, reason: error.message };
    }
  };
}

async function tryOnce(
  parts: AttemptParts,
  authority: Authority,
  about: { readonly replaces: string | undefined; readonly refusedProofs: number },
): Promise<AttemptResult> {
  const { names, time, preflight, proofs, clock, events, signal } = parts;
  const challengeTypes = rotate(parts.challenges, about.refusedProofs);
  const directory = await authority.directory();
  const slot = parts.store.order(parts.id, authority.id);
  const underWay = await slot.load();
  if (underWay === undefined) {
    const allowedAtMs = await authority.orderAllowedAtMs(names, time.now());
    if (allowedAtMs > time.now()) return { kind: 'limited', untilMs: allowedAtMs };
    const { accountUrl } = await authority.account();
    const isPrivate = authority.options.trustAnchorsPem.length > 0;
    const question = { names, challengeTypes, directory, accountUrl, isPrivate };
    const { refusals, doubts } = await preflight(question);
    if (doubts.length > 0) events.doubted(names, doubts);
    if (refusals.length > 0)
      return { kind: 'failed', failure: { kind: 'preflight' }, reason: [...refusals, ...doubts].join('; ') };
  }
  const stored = underWay ?? (await beginStored(parts, authority));
  if (underWay === undefined) await slot.save(stored);
  const externalAccount = await authority.options.externalAccount?.();
  const outcome = await carryOutOrder(
    {
      directory,
      identifiers: names.map(identifierOf),
      csr: await parts.maker.createRequest(names, stored.privateKeyPem),
      challengeTypes,
      contacts: authority.options.contacts,
      ...(parts.profile === undefined ? {} : { profile: parts.profile }),
      ...(about.replaces === undefined ? {} : { replaces: about.replaces }),
      ...(externalAccount === undefined ? {} : { externalAccount }),
    },
    { authority, proofs, slot, stored, clock, nowMs: () => time.now(), signal },
  );
  if (!outcome.ok) return noteFailure(parts, authority, outcome.failure);
  return take(parts, authority, { stored, certificatePem: outcome.certificatePem });
}

async function beginStored(
  { names, maker, keyType }: AttemptParts,
  authority: Authority,
): Promise<StoredOrder> {
  const { directoryUrl } = authority.options;
  return { directoryUrl, names, privateKeyPem: await maker.createKey(keyType), memory: {} };
}

async function noteFailure(
  { names, time }: AttemptParts,
  authority: Authority,
  failure: Failure,
): Promise<AttemptResult> {
  if (failure.kind === 'validation') await authority.noteUses(failedValidationUses(names), time.now());
  const retryAfterMs = 'retryAfterMs' in failure ? failure.retryAfterMs : undefined;
  return {
    kind: 'failed',
    failure: { kind: failure.kind, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) },
    reason: describeFailure(failure),
  };
}

async function take(
  { id, names, store, time }: AttemptParts,
  authority: Authority,
  { stored, certificatePem }: { readonly stored: StoredOrder; readonly certificatePem: string },
): Promise<AttemptResult> {
  await authority.noteUses(certificateUses(names), time.now());
  const slot = store.order(id, authority.id);
  const issued: Issued = {
    names,
    directoryUrl: authority.options.directoryUrl,
    certificateChainPem: certificatePem,
    privateKeyPem: stored.privateKeyPem,
  };
  const fault = faultOf(issued);
  if (fault === undefined) return { kind: 'issued', issued, finish: () => slot.clear() };
  await slot.clear();
  return { kind: 'failed', failure: { kind: 'refused' }, reason: fault };
}

/** After a failure another way is tried first: what stands in the way of one may not stand in the way of the next. */
function rotate(types: readonly ChallengeType[], by: number): readonly ChallengeType[] {
  const first = by % types.length;
  return [...types.slice(first), ...types.slice(0, first)];
}

/** A sentence for the log. */
export function describeWindow({ startMs, endMs, explanationUrl }: RenewalWindow): string {
  const day = (ms: number): string => new Date(ms).toISOString().slice(0, 16);
  const why = explanationUrl === undefined ? '' : `; see ${explanationUrl}`;
  return `${day(startMs)} to ${day(endMs)} UTC${why}`;
}
