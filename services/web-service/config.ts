import * as z from 'zod';

const port = z.int().min(0).max(65_535);

/** The `[web-service]` table. Every key has a default that works. */
export const webServiceConfiguration = z
  .strictObject({
    names: z
      .array(
        z
          .string()
          .regex(/^(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)*[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/)
          .meta({ description: 'a host name in lower case', examples: ['example.org'] }),
      )
      .max(100)
      .default([])
      .meta({
        description:
          'host names of the site in lower case, the preferred one first; none: whatever name is asked for',
        examples: [['example.org', 'www.example.org']],
      }),
    'site-folder': z
      .string()
      .regex(/^(?!(?:.*\/)?\.\.(?:\/|$)).+$/)
      .default('web-service/site')
      .meta({
        description:
          'the folder with index.html, below the content folder (or from / on a host), without ".."',
        examples: ['web-service/site'],
      }),
    address: z
      .string()
      .regex(/^[0-9a-fA-F:.]+$/)
      .default('::')
      .meta({
        description: 'the numeric address to listen on; "::" is every one, IPv4 too',
        examples: ['::'],
      }),
    'http-port': port
      .default(80)
      .meta({ description: 'the port that sends visitors on to HTTPS; 0 picks a free one', examples: [80] }),
    'https-port': port
      .default(443)
      .meta({ description: 'the port of the site; 0 picks a free one', examples: [443] }),
    'public-https-port': z
      .int()
      .min(1)
      .max(65_535)
      .optional()
      .meta({
        description: 'the port that visitors use, where a router forwards another one to https-port',
        examples: [443],
      }),
    'content-max-mib': z
      .int()
      .min(1)
      .max(65_536)
      .default(64)
      .meta({ description: 'MiB that the site may have; it is kept in memory', examples: [64] }),
    'connections-max': z
      .int()
      .min(10)
      .max(100_000)
      .default(400)
      .meta({
        description: 'connections at one time; when all are taken, the one idle for longest makes room',
        examples: [400],
      }),
    'connections-per-address-max': z
      .int()
      .min(1)
      .max(100_000)
      .default(100)
      .meta({ description: 'connections of one IPv4 address or one IPv6 /64', examples: [100] }),
  })
  .prefault({});

export type WebServiceConfiguration = z.output<typeof webServiceConfiguration>;
