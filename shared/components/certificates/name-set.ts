import type { TlsCredentials } from '../../devices/tls.ts';
import type { CertificateStatus } from './certificates.ts';
import type { FormerCertificates } from './former.ts';
import { factsOf, type Issued, type IssuedFacts } from './issued.ts';
import type { Keeper } from './keeper.ts';
import { coversName } from './names.ts';
import type { SelfSignedCertificate } from './self-signed.ts';

/** One set of names and what is shown for it. */
export interface NameSet {
  readonly names: readonly string[];
  readonly own: SelfSignedCertificate;
  /** What an authority gave, with what stands in it. */
  issued?: { readonly credentials: Issued; readonly facts: IssuedFacts };
  /** Keeps it valid; absent where no authority is asked. */
  keeper?: Keeper;
}

export function hold(set: NameSet, issued: Issued): void {
  set.issued = { credentials: issued, facts: factsOf(issued) };
}

/** The authority's certificate where it stands for that name, else a former one that does, else the self-signed one. */
export function credentialsOf(
  { issued, own }: NameSet,
  serverName: string | undefined,
  former: FormerCertificates,
): TlsCredentials {
  if (issued !== undefined && (serverName === undefined || coversName(issued.credentials.names, serverName)))
    return issued.credentials;
  return (serverName === undefined ? undefined : former.find(serverName)) ?? own.credentials();
}

export function statusOf({ names, own, issued, keeper }: NameSet): CertificateStatus {
  const shown = {
    names,
    issuer: issued?.facts.issuer ?? 'self-signed',
    notAfterMs: issued?.facts.notAfterMs ?? own.validUntilMs(),
  };
  if (keeper === undefined) return { ...shown, state: issued === undefined ? 'self-signed' : 'valid' };
  const { isOrdering, problem, renewalDueMs, nextTryMs } = keeper.view();
  const waiting = problem !== undefined ? 'waiting to try again' : issued === undefined ? 'waiting' : 'valid';
  return {
    ...shown,
    state: isOrdering ? 'ordering' : waiting,
    ...(renewalDueMs === undefined ? {} : { nextRenewalMs: renewalDueMs }),
    ...(problem === undefined ? {} : { problem }),
    ...(nextTryMs === undefined ? {} : { nextTryMs }),
  };
}
