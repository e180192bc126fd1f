import type { Clock } from '../../../shared/devices/clock.ts';
import { expirationOf } from '../../../shared/protocols/dns/dnssec/kept-signatures.ts';
import type { ZoneKeys } from '../../../shared/protocols/dns/dnssec/signing-key.ts';
import { signInSteps } from '../../../shared/protocols/dns/dnssec/sign-zone.ts';
import type { SignedZone } from '../../../shared/protocols/dns/dnssec/signed-zone.ts';
import type { Name } from '../../../shared/protocols/dns/name.ts';
import type { Zone } from '../../../shared/protocols/dns/rrset.ts';
import type { ZoneConfiguration } from '../config.ts';
import { INCEPTION_BEFORE_SECONDS, JITTER, RENEW_TOGETHER_SECONDS, RENEW_WHEN_LEFT } from '../limits.ts';
import { inSlices } from './in-slices.ts';

/** How long a validator may go on with keys that it has: a new one has to be known for so long before it signs. */
export const DNSKEY_TTL_SECONDS = 3_600;

const DAY_SECONDS = 86_400;

export interface SigningWanted {
  readonly keys: ZoneKeys;
  readonly denial: ZoneConfiguration['denial'];
  readonly zonemd: boolean;
  readonly signatureDays: number;
  readonly clock: Clock;
}

/** A zone with signatures, and the times that its renewal goes by. */
export interface TimedZone {
  readonly zone: SignedZone;
  /** When it was signed, and when the first of its signatures ends. */
  readonly signedAtSeconds: number;
  readonly firstEndSeconds: number;
}

/** Signs the zone. What did not change keeps the signatures of `before` while they hold. */
export async function signFor(
  zone: Zone,
  wanted: SigningWanted,
  before: SignedZone | undefined,
): Promise<TimedZone> {
  const { keys, denial, zonemd, clock } = wanted;
  const nowSeconds = Math.floor(clock.now() / 1_000);
  const holdSeconds = wanted.signatureDays * DAY_SECONDS;
  const policy = {
    inceptionSeconds: nowSeconds - INCEPTION_BEFORE_SECONDS,
    expirationSeconds: (owner: Name, type: number) =>
      nowSeconds + Math.floor(holdSeconds * (1 - JITTER * spread(owner, type))),
    renewBeforeSeconds: nowSeconds + holdSeconds * RENEW_WHEN_LEFT + RENEW_TOGETHER_SECONDS,
    denial,
    dnskeyTtlSeconds: DNSKEY_TTL_SECONDS,
    zonemd,
  };
  const signed = await inSlices(signInSteps(zone, keys, policy, before), clock);
  return { zone: signed, signedAtSeconds: nowSeconds, firstEndSeconds: firstEndOf(signed) };
}

/** Whether signatures are to be made: some end soon, or the clock was ahead when they were made. */
export function isRenewalDue(zone: TimedZone, signatureDays: number, nowSeconds: number): boolean {
  const leftSeconds = zone.firstEndSeconds - nowSeconds;
  return (
    leftSeconds <= signatureDays * DAY_SECONDS * RENEW_WHEN_LEFT ||
    nowSeconds < zone.signedAtSeconds - INCEPTION_BEFORE_SECONDS
  );
}

/** From 0 to 1, by FNV-1a over the owner: the same for a name at each time, and different for different ones. */
function spread(owner: Name, type: number): number {
  let hash = 0x811c9dc5 ^ type;
  for (const label of owner) for (const byte of label) hash = Math.imul(hash ^ byte, 0x01000193);
  return (hash >>> 0) / 2 ** 32;
}

function firstEndOf({ rrsets }: SignedZone): number {
  let first = Infinity;
  for (const { signatures } of rrsets)
    for (const signature of signatures) first = Math.min(first, expirationOf(signature));
  return first;
}
