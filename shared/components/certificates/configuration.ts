import * as z from 'zod';
import { secretName } from '../secrets/secret-name.ts';
import { parseAddress } from '../../protocols/ip/address.ts';
import { TSIG_ALGORITHMS } from '../../protocols/dns/tsig-mac.ts';

/** Authorities that have a name of their own; others are told by the URL of their directory (RFC 8555 §7.1.1). */
export const AUTHORITIES: Readonly<Record<string, string>> = {
  letsencrypt: 'https://acme-v02.api.letsencrypt.org/directory',
  staging: 'https://acme-staging-v02.api.letsencrypt.org/directory',
};

const authority = z
  .string()
  .refine(text => Object.hasOwn(AUTHORITIES, text) || text === 'none' || isDirectoryUrl(text), {
    error:
      'is no certificate authority; right is "letsencrypt", "staging", "none" or an https:// URL of an ACME directory',
  })
  .meta({
    description: 'a certificate authority: "letsencrypt", "staging", "none", or the URL of its directory',
  });

const keySecret = secretName.meta({
  description:
    'the name of a secret, not the secret itself: the file secrets/NAME beside lares.toml (of an image: on the LARES partition)',
  examples: ['dns-update'],
});

const CHALLENGE_TYPES = ['http-01', 'tls-alpn-01', 'dns-01', 'dns-persist-01'] as const;

const dns = z.strictObject({
  server: z
    .string()
    .refine(text => parseAddress(text) !== undefined || HOST_NAME.test(text), {
      error: 'must be a host name or an IP address',
    })
    .meta({
      description: 'the primary name server that takes updates (RFC 2136)',
      examples: ['ns1.example.org'],
    }),
  port: z
    .int()
    .min(1)
    .max(65_535)
    .default(53)
    .meta({ description: 'its port', examples: [53] }),
  'key-name': z
    .string()
    .regex(/^[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)*\.?$/)
    .meta({ description: 'the name of the TSIG key, as the name server knows it', examples: ['lares-web.'] }),
  'key-algorithm': z
    .enum(TSIG_ALGORITHMS)
    .default('hmac-sha256')
    .meta({ description: 'the algorithm of the TSIG key (RFC 8945 §6)' }),
  'key-secret': keySecret,
});

/** The `[certificates]` table, the same for every service. Every key has a default that works. */
export const certificatesConfiguration = z
  .strictObject({
    ca: z
      .union([authority, z.array(authority).min(1).max(5)])
      .optional()
      .meta({
        description:
          "the certificate authority, or several in the order in which they are tried; without it: Let's Encrypt for public names, none for others",
        examples: ['letsencrypt', ['letsencrypt', 'https://acme.example.net/directory']],
      }),
    'trust-anchors': z.array(z.string().startsWith('-----BEGIN CERTIFICATE-----')).max(5).default([]).meta({
      description:
        'PEM certificates to trust, instead of the public ones, when talking to an authority that is given by URL',
    }),
    email: z
      .email()
      .optional()
      .meta({ description: 'where the authority may write to', examples: ['you@example.org'] }),
    profile: z
      .string()
      .regex(/^[A-Za-z0-9_-]{1,64}$/)
      .optional()
      .meta({
        description: 'the kind of certificate, as the authority names it; without it the authority decides',
        examples: ['tlsserver', 'shortlived'],
      }),
    challenges: z.array(z.enum(CHALLENGE_TYPES)).min(1).max(4).default(['tls-alpn-01', 'http-01']).meta({
      description:
        'how to prove that the names are yours, the preferred way first; wildcards need dns-01 or dns-persist-01',
    }),
    'key-type': z
      .enum(['ecdsa-p256', 'rsa-2048'])
      .default('ecdsa-p256')
      .meta({ description: 'the kind of key; RSA only for very old visitors' }),
    'external-account': z
      .strictObject({
        'key-id': z
          .string()
          .min(1)
          .max(256)
          .meta({ description: 'the key identifier that the authority gave you' }),
        'key-secret': keySecret,
      })
      .optional()
      .meta({ description: 'binds to an account that you have with the authority (RFC 8555 §7.3.4)' }),
    dns: dns.optional().meta({ description: 'how to prove names by dns-01' }),
  })
  .superRefine((table, context) => {
    if (table.challenges.includes('dns-01') && table.dns === undefined)
      context.addIssue({
        code: 'custom',
        path: ['challenges'],
        message:
          'dns-01 needs the table [certificates.dns]: the name server that takes updates, and the key for it',
      });
  })
  .prefault({});

export type CertificatesConfiguration = z.output<typeof certificatesConfiguration>;

const HOST_NAME = /^(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)*[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/i;

// RFC 8555 §6.1: ACME is spoken over HTTPS alone.
function isDirectoryUrl(text: string): boolean {
  return URL.canParse(text) && new URL(text).protocol === 'https:';
}
