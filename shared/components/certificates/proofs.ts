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

/** `dns` is there where [certificates.dns] says how. */
export function createProofs(maker: CertificateMaker, dns: DnsChallengeSolver | undefined): Proofs {
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
        return putDnsRecord(proof, dns, signal);
      case 'dns-persist-01':
        // The record stands for good; preflight has looked whether it does.
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
  dns: DnsChallengeSolver | undefined,
  signal: AbortSignal,
): Promise<() => Promise<void>> {
  if (dns === undefined) throw new Error('dns-01 needs the table [certificates.dns]');
  const record = {
    name: `${DNS_CHALLENGE_LABEL}.${identifier.value}`,
    value: dnsChallengeValue(keyAuthorization),
  };
  await dns.present(record, signal);
  return () => dns.remove(record, signal);
}

/** Where the standing record of dns-persist-01 is looked for. */
export function persistentRecordName(name: string): string {
  return `${PERSISTENT_LABEL}.${name.replace(/^\*\./, '')}`;
}
