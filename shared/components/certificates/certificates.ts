import type { Devices } from '../../devices/devices.ts';
import type { TlsCredentials } from '../../devices/tls.ts';
import type { CertificatesConfiguration } from './configuration.ts';
import { coversName } from './names.ts';
import { openSelfSignedCertificate, type SelfSignedCertificate } from './self-signed.ts';

/** What is to be certified, as a service says it. */
export interface CertificatesWanted {
  /**
   * One certificate for each set of names: DNS names in lower case (`*.` in front for a wildcard), numeric addresses.
   * The first set is shown to clients that send no server name.
   */
  readonly nameSets: readonly (readonly string[])[];
  /** Names that nobody listed get the first certificate: for a site without names. The default is false. */
  readonly answersAnyName?: boolean;
  /** The `[certificates]` table. */
  readonly configuration: CertificatesConfiguration;
}

export type CertificateDevices = Pick<
  Devices,
  'clock' | 'random' | 'secureRandom' | 'keyValue' | 'http' | 'resolver' | 'log' | 'metrics'
>;

/** What health the component needs: the appliance's has it. */
export interface CertificateHealth {
  degrade(key: string, reason: string): void;
  recover(key: string): void;
}

export interface CertificateStatus {
  readonly names: readonly string[];
  /** Who signed what is shown now: 'self-signed', or the authority's name. */
  readonly issuer: string;
  readonly notAfterMs: number;
  /** When the next one is to be asked for; undefined where no authority is asked. */
  readonly nextRenewalMs?: number;
  /** One word or two: 'valid', 'ordering', 'waiting to try again', 'self-signed'. */
  readonly state: string;
  /** What went wrong last, a sentence for people. */
  readonly problem?: string;
  readonly nextTryMs?: number;
}

/** The certificates of an appliance, kept valid by themselves. */
export interface Certificates extends AsyncDisposable {
  /**
   * What to show for that server name (SNI, lower case; undefined: none was sent): the authority's certificate, else a self-signed one
   * until there is one; undefined for a name that is not ours. The same object as long as nothing changed.
   */
  credentialsFor(serverName: string | undefined): TlsCredentials | undefined;
  /** RFC 8737 §3: the certificate for a validation in progress, to be shown only where ALPN is exactly acme-tls/1. */
  challengeCredentialsFor(serverName: string): TlsCredentials | undefined;
  /** RFC 8555 §8.3: the body for GET /.well-known/acme-challenge/<token> on port 80. */
  keyAuthorizationFor(token: string): string | undefined;
  /** One for each set of names. */
  status(): readonly CertificateStatus[];
  /** Called after credentials changed. */
  subscribe(onChange: () => void): Disposable;
}

/** Self-signed certificates are held against the clock this often; it may be set right at any time. */
const CHECK_INTERVAL_MS = 3_600_000;

/** The appliance's alerts know conditions of this beginning as failed renewals. */
const CONDITION = 'renewal-certificate';

/** Opens what is kept, makes what is missing, and keeps it valid until disposed. @throws DeviceError of the store. */
export async function openCertificates(
  wanted: CertificatesWanted,
  devices: CertificateDevices,
  health: CertificateHealth,
): Promise<Certificates> {
  const sets = await Promise.all(
    wanted.nameSets.map(async names => ({ names, own: await openSelfSignedCertificate(names, devices) })),
  );
  const listeners = new Set<() => void>();
  const renewal = keepRenewed(sets, devices, health, () => {
    for (const listener of listeners) listener();
  });
  const setFor = (serverName: string | undefined): NameSet | undefined => {
    if (serverName === undefined) return sets[0];
    const found = sets.find(({ names }) => coversName(names, serverName));
    return found ?? (wanted.answersAnyName === true ? sets[0] : undefined);
  };
  return {
    credentialsFor: serverName => setFor(serverName)?.own.credentials(),
    challengeCredentialsFor: () => undefined,
    keyAuthorizationFor: () => undefined,
    status: () =>
      sets.map(({ names, own }) => ({
        names,
        issuer: 'self-signed',
        notAfterMs: own.validUntilMs(),
        state: 'self-signed',
      })),
    subscribe(onChange) {
      listeners.add(onChange);
      return { [Symbol.dispose]: () => void listeners.delete(onChange) };
    },
    async [Symbol.asyncDispose]() {
      renewal.abort();
    },
  };
}

interface NameSet {
  readonly names: readonly string[];
  readonly own: SelfSignedCertificate;
}

function keepRenewed(
  sets: readonly NameSet[],
  { clock, log }: Pick<CertificateDevices, 'clock' | 'log'>,
  health: CertificateHealth,
  onChange: () => void,
): AbortController {
  const stopped = new AbortController();
  const check = async (): Promise<void> => {
    try {
      const renewed = await Promise.all(sets.map(({ own }) => own.renewIfDue()));
      if (renewed.includes(true)) onChange();
      health.recover(CONDITION);
    } catch (error) {
      log.warn({ error }, 'self-signed certificate could not be renewed');
      health.degrade(CONDITION, `A certificate could not be renewed: ${(error as Error).message}`);
    }
  };
  const run = async (): Promise<void> => {
    while (!stopped.signal.aborted) {
      await clock.sleep(CHECK_INTERVAL_MS, stopped.signal).catch(() => undefined);
      if (!stopped.signal.aborted) await check();
    }
  };
  void run();
  return stopped;
}
