import type { ExternalAccount } from '../../protocols/acme/jws.ts';
import type { AuthorityOptions } from './authority.ts';
import { AUTHORITIES, type CertificatesConfiguration } from './configuration.ts';
import { isAddress } from './names.ts';
import { isPublicName } from './public-names.ts';
import type { Secrets } from './secrets.ts';

/** What is asked of authorities for one set of names. */
export interface Order {
  readonly names: readonly string[];
  readonly profile: string | undefined;
}

/** Authorities in the order in which they are tried; none where every name is for this network alone. */
export function authoritiesOf(
  configuration: CertificatesConfiguration,
  secrets: Secrets,
): readonly AuthorityOptions[] {
  const account = configuration['external-account'];
  const externalAccount =
    account === undefined
      ? {}
      : {
          externalAccount: async (): Promise<ExternalAccount> => ({
            keyId: account['key-id'],
            hmacKey: await secrets.bytes(account['key-secret'], 'base64url'),
          }),
        };
  return chosen(configuration).map(ca => ({
    directoryUrl: AUTHORITIES[ca] ?? ca,
    name: ca,
    trustAnchorsPem: Object.hasOwn(AUTHORITIES, ca) ? [] : configuration['trust-anchors'],
    contacts: configuration.email === undefined ? [] : [`mailto:${configuration.email}`],
    ...externalAccount,
  }));
}

/** What to ask for; undefined where nothing is. Without a choice of the owner's only names that the public may know are asked for. */
export function orderFor(
  names: readonly string[],
  configuration: CertificatesConfiguration,
): Order | undefined {
  if (chosen(configuration).length === 0) return undefined;
  const wanted = configuration.ca === undefined ? names.filter(isPublicName) : names;
  if (wanted.length === 0) return undefined;
  // Let's Encrypt has certificates for addresses in this profile alone; an authority that does not know it is not asked for it.
  const profile = configuration.profile ?? (wanted.some(isAddress) ? 'shortlived' : undefined);
  return { names: wanted, profile };
}

function chosen({ ca = 'letsencrypt' }: CertificatesConfiguration): readonly string[] {
  return [ca].flat().filter(each => each !== 'none');
}
