import { isDeepStrictEqual } from 'node:util';
import { encodeContent } from '../../shared/components/content-codings/encode-content.ts';
import type { Devices } from '../../shared/devices/devices.ts';
import type { ContentFault } from '../../shared/base/content-fault.ts';
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
  readonly #shown = new Map<number, Shown>();
  readonly #listeners = new Set<(table: SiteTable) => void>();
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
    return this.#shown.get(index)?.site;
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
    const shown = this.#build(index, content.value);
    if (!shown.ok) return shown;
    return ok(() => {
      this.#shown.set(index, shown.value);
      this.#replace();
    });
  }

  /** Takes over changed circumstances. */
  place(change: Partial<SitesPlace>): void {
    const place = { ...this.#place, ...change };
    // A table is cloned to every thread that serves.
    if (isDeepStrictEqual(place, this.#place)) return;
    this.#place = place;
    this.#replace();
  }

  /** Calls with each new table from now on. */
  subscribe(onTable: (table: SiteTable) => void): Disposable {
    this.#listeners.add(onTable);
    return { [Symbol.dispose]: () => void this.#listeners.delete(onTable) };
  }

  #build(index: number, content: SiteContent): Result<Shown, readonly ContentFault[]> {
    const configuration = this.#configurations[index];
    if (configuration === undefined) return err([{ reason: `there is no site ${index}` }]);
    const strict = isStrict(configuration, this.#place.trustedNames);
    const site = buildSite(content, optionsOf(configuration, strict));
    return site.ok ? ok({ content, strict, site: site.value }) : site;
  }

  #replace(): void {
    for (const [index, { content, strict }] of this.#shown) {
      const configuration = this.#configurations[index];
      if (configuration === undefined || strict === isStrict(configuration, this.#place.trustedNames))
        continue;
      const shown = this.#build(index, content);
      // It was built of the same content when it was staged, and a certificate is no reason for a fault.
      if (shown.ok) this.#shown.set(index, shown.value);
    }
    this.#table = tableOf(this.#configurations, this.#shown, this.#place);
    for (const listener of this.#listeners) listener(this.#table);
  }
}

/** A site as it is served, and what it was made of. */
interface Shown {
  readonly content: SiteContent;
  readonly strict: boolean;
  readonly site: Site;
}

/** RFC 6797 §14.3: said while the certificate is self-signed, HSTS would lock visitors out of a site they could enter before. */
function isStrict(configuration: SiteConfiguration, trustedNames: ReadonlySet<string>): boolean {
  return configuration['hsts-days'] > 0 && trustedNames.has(configuration.names[0] ?? '');
}

function optionsOf(configuration: SiteConfiguration, strict: boolean): SiteOptions {
  const fallbackPage = configuration['fallback-page'];
  return {
    cleanUrls: configuration['clean-urls'],
    listing: configuration.listing,
    lockedFolders: configuration['password-folders'].map(segmentsOf),
    ...(fallbackPage === undefined ? {} : { fallbackPage }),
    ...(strict ? { strictTransportSecurity: `max-age=${configuration['hsts-days'] * 86_400}` } : {}),
  };
}

/** Each name's host. The first site without names answers to every other name too. */
function tableOf(
  configurations: readonly SiteConfiguration[],
  shown: ReadonlyMap<number, Shown>,
  { httpsPort, laterPaths }: SitesPlace,
): SiteTable {
  const hosts = new Map<string, Host>();
  let fallback: Host | undefined;
  for (const [index, { names, backend }] of configurations.entries()) {
    const site = shown.get(index)?.site;
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
