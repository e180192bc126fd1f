import { err, ok, type Result } from '../../base/result.ts';
import type { Clock } from '../../devices/clock.ts';
import { DeviceError } from '../../devices/device-error.ts';
import type { FailureKind } from '../../protocols/acme/back-off.ts';
import type { ChallengeType } from '../../protocols/acme/challenge.ts';
import { describeFailure, type Failure } from '../../protocols/acme/failure.ts';
import { identifierOf } from '../../protocols/acme/identifier.ts';
import { certificateUses, failedValidationUses } from '../../protocols/acme/limits.ts';
import type { RenewalWindow } from '../../protocols/acme/renewal-info.ts';
import type { CertificateMaker, KeyType } from '../x509/certificate-maker.ts';
import { unreachableBy, type Authority } from './authority.ts';
import type { Events } from './events.ts';
import { faultOf, type Issued } from './issued.ts';
import { carryOutOrder } from './order.ts';
import type { Preflight, PreflightQuestion } from './preflight.ts';
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

export type Attempt = (authority: Authority, about: About) => Promise<AttemptResult>;

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

interface About {
  /** The certificate that the new one takes the place of. */
  readonly replaces: string | undefined;
  readonly refusedProofs: number;
}

async function tryOnce(parts: AttemptParts, authority: Authority, about: About): Promise<AttemptResult> {
  const directory = await orUnreachable(() => authority.directory());
  if (!directory.ok) return directory.error;
  const slot = parts.store.order(parts.id, authority.id);
  const underWay = await slot.load();
  const challengeTypes = rotate(parts.challenges, about.refusedProofs);
  const cleared =
    underWay === undefined
      ? await clear(parts, authority, { challengeTypes, directory: directory.value })
      : ok<readonly string[]>([]);
  if (!cleared.ok) return cleared.error;
  const externalAccount = await authority.options.externalAccount?.();
  const stored = underWay ?? (await beginStored(parts, authority));
  if (underWay === undefined) await slot.save(stored);
  const { names, time, proofs, clock, signal } = parts;
  const outcome = await carryOutOrder(
    {
      directory: directory.value,
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
  if (!outcome.ok) return noteFailure(parts, authority, { failure: outcome.failure, doubts: cleared.value });
  return take(parts, authority, { stored, certificatePem: outcome.certificatePem });
}

/** Whether a new order may be made: with the doubts that there are, or what to say instead of making it. */
async function clear(
  { names, time, preflight, events }: AttemptParts,
  authority: Authority,
  how: Pick<PreflightQuestion, 'challengeTypes' | 'directory'>,
): Promise<Result<readonly string[], AttemptResult>> {
  const allowedAtMs = await authority.orderAllowedAtMs(names, time.now());
  if (allowedAtMs > time.now()) return err({ kind: 'limited', untilMs: allowedAtMs });
  const { accountUrl } = await authority.account();
  const isPrivate = authority.options.trustAnchorsPem.length > 0;
  const { refusals, doubts } = await preflight({ ...how, names, accountUrl, isPrivate });
  if (doubts.length > 0) events.doubted(names, doubts);
  if (refusals.length === 0) return ok(doubts);
  const reason = [...refusals, ...doubts].join('; ');
  return err({ kind: 'failed', failure: { kind: 'preflight' }, reason });
}

async function orUnreachable<T>(ask: () => Promise<T>): Promise<Result<T, AttemptResult>> {
  try {
    return ok(await ask());
  } catch (error) {
    if (!(error instanceof DeviceError)) throw error;
    const reason = `the authority cannot be reached: ${error.message}`;
    return err({ kind: 'failed', failure: unreachableBy(error), reason });
  }
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
  { failure, doubts }: { readonly failure: Failure; readonly doubts: readonly string[] },
): Promise<AttemptResult> {
  if (failure.kind === 'validation') {
    const failed = failure.problems.flatMap(({ identifier }) => identifier?.value ?? []);
    await authority.noteUses(failedValidationUses(failed.length > 0 ? failed : names), time.now());
  }
  const retryAfterMs = 'retryAfterMs' in failure ? failure.retryAfterMs : undefined;
  return {
    kind: 'failed',
    failure: { kind: failure.kind, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) },
    // What preflight was not sure of may be why.
    reason: [describeFailure(failure), ...(failure.kind === 'validation' ? doubts : [])].join('; '),
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
