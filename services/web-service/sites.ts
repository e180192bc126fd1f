import { encodeContent } from '../../shared/components/content-codings/encode-content.ts';
import type { Devices } from '../../shared/devices/devices.ts';
import type { ContentFault } from '../../shared/protocols/http/content-fault.ts';
import { buildSite, type SiteOptions } from '../../shared/protocols/http/build-site.ts';
import { indexContent, type SiteContent, type SiteFile } from '../../shared/protocols/http/index-content.ts';
import type { Host, SiteTable } from '../../shared/protocols/http/site-table.ts';
import type { Site } from '../../shared/protocols/http/site.ts';
import { err, ok, type Result } from '../../shared/base/result.ts';
import { segmentsOf } from './passwords/configuration.ts';
import type { SiteConfiguration } from './site-configuration.ts';

/** What the table depends on besides content and configuration; each changes rarely. */
export interface SitesPlace {
  /** Where HTTPS is reached from outside. */
  readonly httpsPort: number;
  /** Names whose certificate is from an authority. */
  readonly trustedNames: ReadonlySet<string>;
  /** Decoded paths without leading slash that are not the pure function's business. */
  readonly laterPaths: readonly string[];
}

/** The sites as they are served. A change of content or circumstances makes a new table and puts it in place in one assignment. */
export class Sites {
  readonly #configurations: readonly SiteConfiguration[];
  readonly #devices: Pick<Devices, 'clock' | 'jobs'>;
  readonly #contents = new Map<number, SiteContent>();
  readonly #listeners = new Set<(table: SiteTable) => void>();
  #sites: ReadonlyMap<number, Site> = new Map();
  #place: SitesPlace = { httpsPort: 443, trustedNames: new Set(), laterPaths: [] };
  #table: SiteTable = { hosts: new Map(), fallback: undefined, laterPaths: [] };

  constructor(configurations: readonly SiteConfiguration[], devices: Pick<Devices, 'clock' | 'jobs'>) {
    this.#configurations = configurations;
    this.#devices = devices;
  }

  get configurations(): readonly SiteConfiguration[] {
    return this.#configurations;
  }

  /** What is served at this moment. Never changed: replaced. */
  get table(): SiteTable {
    return this.#table;
  }

  /** The content shown by the site of that index. */
  siteAt(index: number): Site | undefined {
    return this.#sites.get(index);
  }

  /**
   * Prepares another content for the site of that index. What is served stays as it is until the function given back is
   * called, which cannot fail.
   */
  async stage(
    index: number,
    files: readonly SiteFile[],
  ): Promise<Result<() => void, readonly ContentFault[]>> {
    const encoded = await encodeContent(files, this.#devices.jobs);
    const content = indexContent(encoded, this.#devices.clock.now());
    if (!content.ok) return content;
    const site = this.#build(index, content.value);
    if (!site.ok) return err(site.error);
    return ok(() => {
      this.#contents.set(index, content.value);
      this.#replace();
    });
  }

  /** Takes over changed circumstances. */
  place(change: Partial<SitesPlace>): void {
    this.#place = { ...this.#place, ...change };
    this.#replace();
  }

  /** Calls with each new table, beginning with the present one. */
  subscribe(onTable: (table: SiteTable) => void): Disposable {
    this.#listeners.add(onTable);
    onTable(this.#table);
    return { [Symbol.dispose]: () => void this.#listeners.delete(onTable) };
  }

  #build(index: number, content: SiteContent): Result<Site, readonly ContentFault[]> {
    const configuration = this.#configurations[index];
    if (configuration === undefined) return err([{ reason: `there is no site ${index}` }]);
    return buildSite(content, optionsOf(configuration, this.#place.trustedNames));
  }

  #replace(): void {
    const sites = new Map<number, Site>();
    for (const [index, content] of this.#contents) {
      const site = this.#build(index, content);
      // It was built of the same content when it was staged, and circumstances are no reason for a fault.
      if (site.ok) sites.set(index, site.value);
    }
    this.#sites = sites;
    this.#table = tableOf(this.#configurations, sites, this.#place);
    for (const listener of this.#listeners) listener(this.#table);
  }
}

function optionsOf(configuration: SiteConfiguration, trustedNames: ReadonlySet<string>): SiteOptions {
  const days = configuration['hsts-days'];
  const fallbackPage = configuration['fallback-page'];
  // RFC 6797 §14.3: said while the certificate is self-signed, it would lock visitors out of a site they could enter before.
  const strict = days > 0 && trustedNames.has(configuration.names[0] ?? '');
  return {
    cleanUrls: configuration['clean-urls'],
    listing: configuration.listing,
    lockedFolders: configuration['password-folders'].map(segmentsOf),
    ...(fallbackPage === undefined ? {} : { fallbackPage }),
    ...(strict ? { strictTransportSecurity: `max-age=${days * 86_400}` } : {}),
  };
}

/** Each name's host. The first site without names answers to every other name too. */
function tableOf(
  configurations: readonly SiteConfiguration[],
  sites: ReadonlyMap<number, Site>,
  { httpsPort, laterPaths }: SitesPlace,
): SiteTable {
  const hosts = new Map<string, Host>();
  let fallback: Host | undefined;
  for (const [index, { names, backend }] of configurations.entries()) {
    const site = sites.get(index);
    const [preferred, ...others] = names;
    const host: Host | undefined =
      backend !== undefined
        ? { kind: 'backend', index }
        : site === undefined
          ? undefined
          : { kind: 'site', index, site };
    if (host === undefined) continue;
    if (preferred === undefined) fallback ??= host;
    else hosts.set(preferred, host);
    const port = httpsPort === 443 ? '' : `:${httpsPort}`;
    for (const name of others)
      hosts.set(name, { kind: 'alias', index, origin: `https://${preferred}${port}` });
  }
  return { hosts, fallback, laterPaths };
}
