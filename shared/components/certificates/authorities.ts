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
  const wanted = configuration.ca === undefined ? names.filter(isPublicName) : names;
  return toOrder(wanted, configuration);
}

/** What to ask for where there is no name: the addresses of the machine, public ones unless the authority is the owner's. */
export function orderForAddresses(
  addresses: readonly string[],
  configuration: CertificatesConfiguration,
): Order | undefined {
  const isOwn = chosen(configuration).every(ca => !Object.hasOwn(AUTHORITIES, ca));
  return toOrder(addresses.filter(isOwn ? isReachable : isPublicName), configuration);
}

const NAMES_OF_ANY_MACHINE: readonly string[] = ['localhost', '127.0.0.1', '::1'];

/** Whether the names are those of a site that has none: they mean this machine on every machine. */
export function isNameless(names: readonly string[]): boolean {
  return names.every(name => NAMES_OF_ANY_MACHINE.includes(name)) && names.includes('localhost');
}

function toOrder(names: readonly string[], configuration: CertificatesConfiguration): Order | undefined {
  if (names.length === 0 || chosen(configuration).length === 0) return undefined;
  // Let's Encrypt has certificates for addresses in this profile alone; an authority that does not know it is not asked for it.
  const profile = configuration.profile ?? (names.some(isAddress) ? 'shortlived' : undefined);
  return { names, profile };
}

/** Not an address that every machine or every link has. */
function isReachable(address: string): boolean {
  return !/^(?:127\.|169\.254\.|::1$|fe80:)/i.test(address);
}

function chosen({ ca = 'letsencrypt' }: CertificatesConfiguration): readonly string[] {
  return [ca].flat().filter(each => each !== 'none');
}
