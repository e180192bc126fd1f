import * as z from 'zod';
import { listenAddress, listenPort } from '../../shared/appliance/configuration/listening.ts';
import { folder, furtherSite, type SiteConfiguration, siteKeys } from './site-configuration.ts';

/** One household has a handful; each is kept in memory whole. */
const SITES_MAX = 100;

/** The `[web-service]` table. Every key has a default that works. */
export const webServiceConfiguration = z
  .strictObject({
    ...siteKeys,
    'site-folder': folder.default('web-service/site').meta({
      description: 'the folder with index.html, below the content folder (or from / on a host), without ".."',
      examples: ['web-service/site'],
    }),
    sites: z
      .array(furtherSite)
      .max(SITES_MAX)
      .default([])
      .meta({ description: 'further sites under names of their own' }),
    address: listenAddress.meta({
      description: 'the numeric address to listen on; "::" is every one, IPv4 too',
      examples: ['::'],
    }),
    'http-port': listenPort
      .default(80)
      .meta({ description: 'the port that sends visitors on to HTTPS; 0 picks a free one', examples: [80] }),
    'https-port': listenPort
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
    'access-log': z
      .enum(['all', 'faults', 'off'])
      .default('all')
      .meta({
        description:
          'which requests are logged: "all", "faults" (answers of 500 and above) or "off"; counters go on in any case',
        examples: ['all'],
      }),
    'access-log-mib-per-day': z
      .int()
      .min(1)
      .max(1_024)
      .default(4)
      .meta({
        description: 'MiB of log that requests may fill in a day; what is more is counted and left out',
        examples: [4],
      }),
    'connections-max': z
      .int()
      .min(10)
      .max(100_000)
      .default(400)
      .meta({
        description: 'connections at one time; when all are taken, the network with the most makes room',
        examples: [400],
      }),
    'connections-per-address-max': z
      .int()
      .min(1)
      .max(100_000)
      .default(100)
      .meta({ description: 'connections of one IPv4 address or one IPv6 /64', examples: [100] }),
    engine: z
      .enum(['direct', 'node'])
      .default('direct')
      .meta({
        description:
          'what serves the sites: "direct", system calls in a thread of their own where the host allows it, or "node", node:http',
        examples: ['direct'],
      }),
  })
  .refine(config => new Set(allNames(config)).size === allNames(config).length, {
    error: 'a name stands for one site alone',
  })
  .prefault({});

export type WebServiceConfiguration = z.output<typeof webServiceConfiguration>;

/** Every site in one list, the one of the table itself first. */
export function sitesOf(config: WebServiceConfiguration): readonly SiteConfiguration[] {
  return [{ ...config, folder: config['site-folder'] }, ...config.sites];
}

/** Where visitors reach HTTPS, as far as it is known before the port is bound: a configured 0 is any free one. */
export function publicHttpsPort(config: WebServiceConfiguration): number {
  return config['public-https-port'] ?? config['https-port'];
}

/** Every name of every site. */
export function allNames(
  config: Pick<SiteConfiguration, 'names'> & { sites: readonly Pick<SiteConfiguration, 'names'>[] },
): string[] {
  return [config, ...config.sites].flatMap(({ names }) => names);
}
