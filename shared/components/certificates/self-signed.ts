import type { Clock } from '../../devices/clock.ts';
import type { Devices } from '../../devices/devices.ts';
import type { TlsCredentials } from '../../devices/tls.ts';
import { createCertificateMaker, type CertificateMaker } from '../x509/certificate-maker.ts';
import { nameSetId } from './names.ts';
import { createSlot, type Slot } from './store.ts';

/** What a site shows until an authority has given it a certificate: known to nobody, but the same after every restart. */
export interface SelfSignedCertificate {
  credentials(): TlsCredentials;
  validUntilMs(): number;
  /** Makes a new one where the present one does not fit the clock any more; true where it did. @throws DeviceError. */
  renewIfDue(): Promise<boolean>;
}

/** A year: browsers warn in any case, and who has accepted the certificate should not be asked often. */
const LIFETIME_MS = 365 * 86_400_000;
/** A third of the lifetime is left when the next one is made, as authorities advise for theirs. */
const RENEW_BEFORE_MS = LIFETIME_MS / 3;
/** Clocks of visitors may be a day slow. */
const BACKDATE_MS = 86_400_000;

/** One for each set of names, so that a set that comes back shows the certificate that people accepted before. */
function keyOf(names: readonly string[]): string {
  return `certificates/self-signed-${nameSetId(names)}`;
}

interface Stored extends TlsCredentials {
  readonly names: readonly string[];
  readonly notBeforeMs: number;
  readonly notAfterMs: number;
}

/** Opens the certificate kept in `keyValue`, or makes one for `names` (DNS names and numeric addresses, at least one). */
export async function openSelfSignedCertificate(
  names: readonly string[],
  devices: Pick<Devices, 'keyValue' | 'clock' | 'log'>,
  maker: CertificateMaker = createCertificateMaker(),
): Promise<SelfSignedCertificate> {
  const parts = { clock: devices.clock, maker, slot: createSlot<Stored>(keyOf(names), devices) };
  let stored = (await parts.slot.load()) ?? (await make(names, parts));
  const isDue = (): boolean => !fits(stored, names, devices.clock.now());
  const renew = async (): Promise<void> => {
    stored = await make(names, parts);
  };
  if (isDue()) await renew();
  return {
    credentials: () => stored,
    validUntilMs: () => stored.notAfterMs,
    async renewIfDue() {
      const due = isDue();
      if (due) await renew();
      return due;
    },
  };
}

/** A clock that was ahead when the certificate was made leaves one that is not valid yet: that is replaced, too. */
function fits(stored: Stored, names: readonly string[], nowMs: number): boolean {
  const sameNames = stored.names.join() === names.join();
  return sameNames && stored.notBeforeMs <= nowMs && nowMs < stored.notAfterMs - RENEW_BEFORE_MS;
}

interface Making {
  readonly clock: Clock;
  readonly maker: CertificateMaker;
  readonly slot: Slot<Stored>;
}

async function make(names: readonly string[], { clock, maker, slot }: Making): Promise<Stored> {
  // X.509 counts whole seconds.
  const notBeforeMs = Math.floor((clock.now() - BACKDATE_MS) / 1000) * 1000;
  const notAfterMs = notBeforeMs + LIFETIME_MS;
  const { certificateChainPem, privateKeyPem } = await maker.createSelfSigned({
    commonName: names[0] ?? 'localhost',
    names,
    usage: 'server',
    validity: { notBefore: new Date(notBeforeMs), notAfter: new Date(notAfterMs) },
  });
  const stored = { names, notBeforeMs, notAfterMs, certificateChainPem, privateKeyPem };
  await slot.save(stored);
  return stored;
}
