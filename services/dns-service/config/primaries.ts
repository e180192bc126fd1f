import * as z from 'zod';
import { listenPort } from '../../../shared/appliance/configuration/listening.ts';
import { server } from './servers.ts';

/** How a primary is known by its certificate. */
const primaryTls = z
  .strictObject({
    name: z
      .string()
      .max(253)
      .regex(/^(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)*[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/)
      .meta({ description: 'the name in its certificate, in lower case', examples: ['ns1.example.org'] }),
    port: listenPort
      .min(1)
      .default(853)
      .meta({ description: 'its port for DNS over TLS', examples: [853] }),
    'pin-sha256': z
      .string()
      .regex(/^[0-9a-f]{64}$/)
      .optional()
      .meta({
        description:
          'the SHA-256 of the certificate that it must show, in hexadecimal digits: for one that no authority signed',
        examples: ['5e884898da28047151d0e56f8dc6292773603d0d6aabbdd62a11ef721d1542d8'],
      }),
    'trust-anchors': z
      .array(z.string().includes('-----BEGIN CERTIFICATE-----'))
      .optional()
      .meta({ description: 'authorities to trust for it, as PEM texts, instead of the well-known ones' }),
  })
  .refine(tls => tls['pin-sha256'] === undefined || tls['trust-anchors'] === undefined, {
    error: 'a pinned certificate needs no trust-anchors',
  });

/** Whom a secondary fetches its zone from. */
export const primary = server.extend({
  tls: primaryTls.optional().meta({
    description: 'fetch over TLS (XoT) alone, and only from who proves this name',
  }),
});

export type PrimaryConfiguration = z.output<typeof primary>;
