import type { CertificatesWanted } from '../../shared/components/certificates/certificates.ts';
import type { CertificatesConfiguration } from '../../shared/components/certificates/configuration.ts';
import { sitesOf, type WebServiceConfiguration } from './config.ts';

/** The service's table, and the one that all services share. */
export type Configuration = WebServiceConfiguration & { readonly certificates: CertificatesConfiguration };

/** What a certificate can stand for where a site has no name: nobody can check more than that it is the same as before. */
const NAMELESS: readonly string[] = ['localhost', '127.0.0.1', '::1'];

/** A certificate for each site. Where a site has no name, every name gets its certificate. */
export function certificatesWanted(config: Configuration): CertificatesWanted {
  const sites = sitesOf(config);
  return {
    nameSets: sites.map(({ names }) => (names.length > 0 ? names : NAMELESS)),
    answersAnyName: answersAnyName(config),
    configuration: config.certificates,
  };
}

/** Whether browsers may take what that issuer signed: what Let's Encrypt signs for trials says so in its own name. */
export function isTrusted(issuer: string): boolean {
  return issuer !== 'self-signed' && !issuer.startsWith('(STAGING)');
}

/** Whether a site takes visitors who ask for a name that nobody knows. */
export function answersAnyName(config: WebServiceConfiguration): boolean {
  return sitesOf(config).some(({ names }) => names.length === 0);
}
