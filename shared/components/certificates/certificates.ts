import type { Devices } from '../../devices/devices.ts';
import type { TlsCredentials } from '../../devices/tls.ts';
import { createCertificateMaker, type CertificateMaker } from '../x509/certificate-maker.ts';
import type { DnsChallengeSolver } from '../dns-update/dns-challenge-solver.ts';
import type { CertificatesConfiguration } from './configuration.ts';
import { credentialsOf, statusOf, type NameSet } from './name-set.ts';
import { coversName } from './names.ts';
import { openNameSets } from './open.ts';
import type { SecretReader } from './secrets.ts';

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
  /** Solves dns-01 in place of the server that `[certificates.dns]` names. */
  readonly dnsSolver?: DnsChallengeSolver | undefined;
  /** Numeric addresses of this machine, to compare with what the names point to. Without it nothing is compared. */
  readonly addresses?: (() => Promise<readonly string[]>) | undefined;
  /** Secrets that the configuration names. */
  readonly secret?: SecretReader | undefined;
}

export type CertificateDevices = Pick<
  Devices,
  'clock' | 'random' | 'keyValue' | 'http' | 'resolver' | 'udp' | 'tcp' | 'log' | 'metrics'
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

/** Opens what is kept, makes what is missing, and keeps it valid until disposed. @throws DeviceError of the store. */
export async function openCertificates(
  wanted: CertificatesWanted,
  devices: CertificateDevices,
  health: CertificateHealth,
  maker: CertificateMaker = createCertificateMaker(),
): Promise<Certificates> {
  const opened = await openNameSets(wanted, devices, health, maker);
  const { sets, proofs, former, listeners } = opened;
  const setFor = (serverName: string | undefined): NameSet | undefined => {
    if (serverName === undefined) return sets[0];
    const found = sets.find(({ names }) => coversName(names, serverName));
    return found ?? (wanted.answersAnyName === true ? sets[0] : undefined);
  };
  return {
    credentialsFor(serverName) {
      const set = setFor(serverName);
      return set === undefined ? undefined : credentialsOf(set, serverName, former);
    },
    challengeCredentialsFor: serverName => proofs.challengeCredentialsFor(serverName),
    keyAuthorizationFor: token => proofs.keyAuthorizationFor(token),
    status: () => sets.map(statusOf),
    subscribe(onChange) {
      listeners.add(onChange);
      return { [Symbol.dispose]: () => void listeners.delete(onChange) };
    },
    [Symbol.asyncDispose]: () => opened.close(),
  };
}
