import type { Readable } from 'node:stream';
import { formatContentFault, type ContentFault } from '../../../shared/base/content-fault.ts';
import type { Release } from '../../../shared/components/releases/release.ts';
import { refusal, type AdminAddress, type AdminRequest } from '../operator/admin-client.ts';
import { askJson } from '../operator/ask-json.ts';

/** A site of an appliance with its releases. */
export interface SiteReleases {
  readonly name: string;
  readonly current: Release;
  readonly releases: readonly Release[];
}

/** The appliance took nothing in: what was shown is still shown. */
export class Refused extends Error {
  override name = 'Refused';

  constructor(faults: readonly ContentFault[]) {
    super(['refused; what was shown is still shown:', ...faults.map(formatContentFault)].join('\n  '));
  }
}

/** The releases of an appliance, asked and changed with the operator's certificate. */
export class ReleasesClient {
  readonly #address: AdminAddress;

  constructor(address: AdminAddress) {
    this.#address = address;
  }

  async list(): Promise<readonly SiteReleases[]> {
    return ((await this.#ask({ method: 'GET', path: '/releases' })) as { sites: SiteReleases[] }).sites;
  }

  /** The site of that name, or, without one, the only one. @throws Error for people. */
  async find(name: string | undefined): Promise<SiteReleases> {
    const sites = await this.list();
    const names = sites.map(site => site.name).join(', ');
    const found =
      name === undefined && sites.length === 1 ? sites[0] : sites.find(site => site.name === name);
    if (found !== undefined) return found;
    if (sites.length === 0) throw new Error(`${this.#address.endpoint} has no site that takes releases`);
    throw new Error(
      name === undefined
        ? `say which with --site: ${names}`
        : `there is no site '${name}'; there are: ${names}`,
    );
  }

  async put(site: string, archive: Readable): Promise<unknown> {
    return this.#ask({ method: 'PUT', path: `/releases/${site}`, content: archive });
  }

  /** `action` is 'rollback' or 'activate/ID'. */
  async change(site: string, action: string): Promise<Release> {
    return (await this.#ask({ method: 'POST', path: `/releases/${site}/${action}` })) as Release;
  }

  /** Where visitors find that site. */
  async url(site: string): Promise<string | undefined> {
    const { urls } = (await this.#ask({ method: 'GET', path: '/status' })) as { urls: readonly string[] };
    return urls.find(url => new URL(url).hostname === site) ?? urls[0];
  }

  async #ask(request: Omit<AdminRequest, 'headers'>): Promise<unknown> {
    const { status, value } = await askJson(this.#address, request);
    if (status === 200) return value;
    const { faults } = value as { faults?: readonly ContentFault[] };
    if (faults !== undefined) throw new Refused(faults);
    throw new Error(refusal(this.#address.endpoint, status));
  }
}
