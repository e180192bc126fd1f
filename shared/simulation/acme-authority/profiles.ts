const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** A kind of certificate that may be asked for by name: draft-ietf-acme-profiles §3. */
export interface Profile {
  readonly description: string;
  readonly lifetimeMs: number;
  /** How long a validation serves for further orders. */
  readonly reuseMs: number;
  readonly takesAddresses: boolean;
  readonly namesMax: number;
}

export type Profiles = Readonly<Record<string, Profile>>;

/** Let's Encrypt's plan of 2025-12-02: when `classic` becomes shorter, and validations with it. */
const CLASSIC_64_DAYS_FROM_MS = 1_802_217_600_000; // 2027-02-10
const CLASSIC_45_DAYS_FROM_MS = 1_834_272_000_000; // 2028-02-16

/** What Let's Encrypt offers at a time of the years 2026 to 2029; the first is the default. */
export function letsEncryptProfiles(nowMs: number): Profiles {
  const plain = { takesAddresses: false, namesMax: 100 };
  return {
    classic: { description: 'the one for everybody', ...plain, ...classicTimes(nowMs) },
    tlsserver: {
      description: 'shorter, without what servers do not need',
      takesAddresses: false,
      namesMax: 25,
      lifetimeMs: 45 * DAY_MS,
      reuseMs: 7 * HOUR_MS,
    },
    shortlived: {
      description: 'six days, also for addresses',
      takesAddresses: true,
      namesMax: 25,
      lifetimeMs: 160 * HOUR_MS,
      reuseMs: 7 * HOUR_MS,
    },
  };
}

function classicTimes(nowMs: number): Pick<Profile, 'lifetimeMs' | 'reuseMs'> {
  if (nowMs < CLASSIC_64_DAYS_FROM_MS) return { lifetimeMs: 90 * DAY_MS, reuseMs: 30 * DAY_MS };
  if (nowMs < CLASSIC_45_DAYS_FROM_MS) return { lifetimeMs: 64 * DAY_MS, reuseMs: 10 * DAY_MS };
  return { lifetimeMs: 45 * DAY_MS, reuseMs: 7 * HOUR_MS };
}
