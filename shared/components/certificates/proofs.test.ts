import { describe, expect, it } from 'vitest';
import { DeviceError } from '../../devices/device-error.ts';
import type { Resolver } from '../../devices/resolver.ts';
import { dnsChallengeValue, type ChallengeType, type Proof } from '../../protocols/acme/challenge.ts';
import { identifierOf } from '../../protocols/acme/identifier.ts';
import type { ChallengeRecord } from '../dns-update/dns-challenge-solver.ts';
import type { CertificateMaker } from '../x509/certificate-maker.ts';
import { createProofs, type Proofs } from './proofs.ts';

const RECORD = 'ca.test; accounturi=https://ca.test/a/1';
const { signal } = new AbortController();
const proofOf = (type: ChallengeType, name = 'lares.test'): Proof => ({
  type,
  identifier: identifierOf(name),
  token: `token-${name}`,
  keyAuthorization: `token-${name}.thumbprint`,
  ...(type === 'dns-persist-01' ? { persistentRecord: RECORD } : {}),
});

/** `texts` null: the DNS does not answer. */
function proofsWith(texts: readonly string[] | null = []): {
  proofs: Proofs;
  records: ChallengeRecord[];
  warnings: object[];
} {
  const records: ChallengeRecord[] = [];
  const warnings: object[] = [];
  const log = { warn: (fields: object) => void warnings.push(fields) };
  const resolver = {
    async resolve() {
      if (texts === null) throw new DeviceError('name-server-failed', 'SERVFAIL');
      return { records: texts.map(text => [text]), exists: true, secure: false, ttlSeconds: 1 };
    },
  } as unknown as Resolver;
  const maker = {
    createValidationCertificate: async (name: string, keyAuthorization: string) => ({
      certificateChainPem: `${name} ${keyAuthorization}`,
      privateKeyPem: '',
    }),
  } as unknown as CertificateMaker;
  const dns = {
    async present(record: ChallengeRecord) {
      if (record.name.includes('refused')) throw new Error('the zone refuses');
      records.push(record);
      if (record.name.includes('slow')) throw new Error('a name server does not show the record');
    },
    async remove({ name }: ChallengeRecord) {
      if (name.includes('kept')) throw new Error('the zone is locked');
      records.splice(0, records.length, ...records.filter(record => record.name !== name));
    },
  };
  return { proofs: createProofs({ maker, dns, resolver, log }), records, warnings };
}

describe('proofs', () => {
  it('are found where the authority looks, until they are taken away', async () => {
    const { proofs, records } = proofsWith();
    const remove = await proofs.put(
      [proofOf('http-01'), proofOf('tls-alpn-01', '192.0.2.7'), proofOf('dns-01')],
      signal,
    );
    const shown = () => [
      proofs.keyAuthorizationFor('token-lares.test'),
      proofs.challengeCredentialsFor('7.2.0.192.in-addr.arpa')?.certificateChainPem,
      records[0],
    ];
    expect(shown()).toEqual([
      'token-lares.test.thumbprint',
      '192.0.2.7 token-192.0.2.7.thumbprint',
      { name: '_acme-challenge.lares.test', value: dnsChallengeValue('token-lares.test.thumbprint') },
    ]);
    await remove();
    expect(shown()).toEqual([undefined, undefined, undefined]);
  });

  it('are all taken away where one of them cannot be put', async () => {
    const { proofs, records } = proofsWith();
    const wanted = [proofOf('dns-01'), proofOf('http-01'), proofOf('dns-01', 'refused.test')];
    await expect(proofs.put(wanted, signal)).rejects.toThrow('the zone refuses');
    expect(records).toEqual([]);
    expect(proofs.keyAuthorizationFor('token-lares.test')).toBeUndefined();
  });

  it('are taken out of the zone where they came into it, but were not seen in time', async () => {
    const { proofs, records } = proofsWith();
    await expect(proofs.put([proofOf('dns-01', 'slow.test')], signal)).rejects.toThrow('does not show');
    expect(records).toEqual([]);
  });

  it('that stay in the zone are told of, by name and reason alone', async () => {
    const { proofs, warnings } = proofsWith();
    const remove = await proofs.put([proofOf('dns-01', 'kept.test')], signal);
    await remove();
    expect(warnings).toEqual([{ name: '_acme-challenge.kept.test', reason: 'the zone is locked' }]);
  });

  it.each([
    ['stands', [RECORD], true],
    ['stands beside others, with other white space', ['x', 'ca.test;accounturi=https://ca.test/a/1'], true],
    ['says more', [`${RECORD}; policy=wildcard; persistUntil=1`], true],
    ['is of another account', ['ca.test; accounturi=https://ca.test/a/2'], false],
    ['is of another authority', ['other.test; accounturi=https://ca.test/a/1'], false],
    ['is not there', [], false],
    ['cannot be asked for', null, true],
  ])('by a standing record that %s', async (_what, texts, isTold) => {
    const put = proofsWith(texts).proofs.put([proofOf('dns-persist-01')], signal);
    if (isTold) await put;
    else await expect(put).rejects.toThrow(`set a TXT record at _validation-persist.lares.test: "${RECORD}"`);
  });
});
