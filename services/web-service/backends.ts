import type { Health } from '../../shared/appliance/service.ts';
import { openBackend, type Backend, type BackendDevices } from '../../shared/components/proxy/proxy.ts';
import type { Request } from '../../shared/protocols/http/message.ts';
import { hostFor, type SiteTable } from '../../shared/protocols/http/site-table.ts';
import type { SiteConfiguration } from './site-configuration.ts';

/** A server on the LAN and the index of the site it answers for. */
export interface Passage {
  readonly backend: Backend;
  readonly site: number;
}

/** The servers behind the sites that have no folder. */
export class Backends implements Disposable {
  readonly #passages = new Map<number, Passage & { readonly name: string }>();

  constructor(
    configurations: readonly SiteConfiguration[],
    devices: Omit<BackendDevices, 'health'>,
    health: Health,
  ) {
    for (const [site, { names, backend: url }] of configurations.entries()) {
      if (url === undefined) continue;
      const name = names[0] ?? url;
      const backend = openBackend({ name, url: new URL(url) }, { ...devices, health });
      this.#passages.set(site, { backend, site, name });
    }
  }

  get isEmpty(): boolean {
    return this.#passages.size === 0;
  }

  /** Where a request is passed on to; undefined where we answer ourselves. */
  of(table: SiteTable, request: Request): Passage | undefined {
    const host = this.isEmpty ? undefined : hostFor(table, request);
    return host?.kind === 'backend' ? this.#passages.get(host.index) : undefined;
  }

  /** Rows for the status page. */
  rows(): readonly (readonly [name: string, state: string])[] {
    return [...this.#passages.values()].map(({ name, backend }) => {
      const { downReason, exchanges, waiting, tunnels } = backend.status();
      const load = `${exchanges} requests, ${waiting} waiting, ${tunnels} WebSockets`;
      return [name, downReason === undefined ? load : `does not answer: ${downReason}`];
    });
  }

  drain(): void {
    for (const { backend } of this.#passages.values()) backend.drain();
  }

  [Symbol.dispose](): void {
    for (const { backend } of this.#passages.values()) backend[Symbol.dispose]();
  }
}
