import { DeviceError } from '../../devices/device-error.ts';
import type { Log } from '../../devices/log.ts';
import type { Resolver } from '../../devices/resolver.ts';
import type { TlsCredentials } from '../../devices/tls.ts';
import {
  DNS_CHALLENGE_LABEL,
  dnsChallengeValue,
  PERSISTENT_LABEL,
  type Proof,
} from '../../protocols/acme/challenge.ts';
import { validationServerName } from '../../protocols/acme/identifier.ts';
import type { CertificateMaker } from '../x509/certificate-maker.ts';
import type { DnsChallengeSolver } from '../dns-update/dns-challenge-solver.ts';

/** The proofs that authorities find here at this moment. */
export interface Proofs {
  keyAuthorizationFor(token: string): string | undefined;
  challengeCredentialsFor(serverName: string): TlsCredentials | undefined;
  /** Answers for the token with that body until disposed: how this machine recognises itself. */
  putToken(token: string, body: string): Disposable;
  /** Resolves when all are in place; the result takes them away again. @throws Error with a sentence for people. */
  put(proofs: readonly Proof[], signal: AbortSignal): Promise<() => Promise<void>>;
}

export interface ProofParts {
  readonly maker: CertificateMaker;
  readonly dns: DnsChallengeSolver | undefined;
  readonly resolver: Resolver;
  readonly log: Pick<Log, 'warn'>;
}

/** `dns` is there where [certificates.dns] says how. */
export function createProofs(parts: ProofParts): Proofs {
  const { maker, resolver } = parts;
  const tokens = new Map<string, string>();
  const certificates = new Map<string, TlsCredentials>();
  const putOne = async (proof: Proof, signal: AbortSignal): Promise<() => void | Promise<void>> => {
    switch (proof.type) {
      case 'http-01':
        tokens.set(proof.token, proof.keyAuthorization);
        return () => void tokens.delete(proof.token);
      case 'tls-alpn-01': {
        const serverName = validationServerName(proof.identifier);
        const made = await maker.createValidationCertificate(proof.identifier.value, proof.keyAuthorization);
        certificates.set(serverName, made);
        return () => void certificates.delete(serverName);
      }
      case 'dns-01':
        return putDnsRecord(proof, parts, signal);
      case 'dns-persist-01':
        await checkPersistentRecord(proof, resolver, signal);
        return () => undefined;
    }
  };
  return {
    keyAuthorizationFor: token => tokens.get(token),
    challengeCredentialsFor: serverName => certificates.get(serverName),
    putToken(token, body) {
      tokens.set(token, body);
      return { [Symbol.dispose]: () => void tokens.delete(token) };
    },
    async put(proofs, signal) {
      const results = await Promise.allSettled(proofs.map(proof => putOne(proof, signal)));
      const removals = results.flatMap(result => (result.status === 'fulfilled' ? [result.value] : []));
      const remove = async (): Promise<void> => {
        await Promise.allSettled(removals.map(async each => each()));
      };
      const failed = results.find(result => result.status === 'rejected');
      if (failed === undefined) return remove;
      await remove();
      throw failed.reason;
    },
  };
}

async function putDnsRecord(
  { identifier, keyAuthorization }: Proof,
  { dns, log }: ProofParts,
  signal: AbortSignal,
): Promise<() => Promise<void>> {
  if (dns === undefined) throw new Error('dns-01 needs the table [certificates.dns]');
  const record = {
    name: `${DNS_CHALLENGE_LABEL}.${identifier.value}`,
    value: dnsChallengeValue(keyAuthorization),
  };
  const remove = async (): Promise<void> => {
    try {
      await dns.remove(record, signal);
    } catch (error) {
      const reason = (error as Error).message;
      log.warn({ name: record.name, reason }, 'the TXT record of a proof could not be taken out of the DNS');
    }
  };
  try {
    await dns.present(record, signal);
  } catch (error) {
    // The server may have taken the record before something went wrong: nothing is left behind in the owner's zone.
    await remove();
    throw error;
  }
  return remove;
}

/**
 * The standing record is the owner's to set, once and for all: where it is not there, the authority is not told to look, and he
 * reads what to set. Where that cannot be found out, the authority may find it nevertheless.
 */
async function checkPersistentRecord(
  { identifier, persistentRecord = '' }: Proof,
  resolver: Resolver,
  signal: AbortSignal,
): Promise<void> {
  const name = `${PERSISTENT_LABEL}.${identifier.value}`;
  const found = await resolver.resolve(name, 'TXT', signal).catch((error: unknown) => {
    if (!(error instanceof DeviceError)) throw error;
    return undefined;
  });
  if (found === undefined) return;
  const needed = parametersOf(persistentRecord);
  const stands = found.records.some(strings => {
    const there = parametersOf(strings.join(''));
    return needed.every(parameter => there.includes(parameter));
  });
  if (!stands) throw new Error(`set a TXT record at ${name}: "${persistentRecord}"`);
}

/** RFC 8659 §4.2: an issue-value: issuer and parameters between semicolons, with white space as one likes. */
function parametersOf(text: string): string[] {
  return text.split(';').map(part => part.replaceAll(/\s/g, ''));
}
