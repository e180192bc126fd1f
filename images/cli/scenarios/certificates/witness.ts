import { X509Certificate } from 'node:crypto';
import type { Certificates } from '../../../../shared/components/certificates/certificates.ts';
import type { HttpRequest, HttpResponse } from '../../../../shared/devices/http.ts';
import type { TlsCredentials } from '../../../../shared/devices/tls.ts';
import { identifierKey } from '../../../../shared/simulation/acme-authority/issuing.ts';
import { renewalWindow } from '../../../../shared/simulation/acme-authority/renewal-window.ts';
import type { IssuedCertificate, Order } from '../../../../shared/simulation/acme-authority/state.ts';
import type { World } from '../../../../shared/simulation/world.ts';
import type { AuthorityHost } from './authority-host.ts';

/** No client has a reason to renew before this part of the lifetime is over, unless the authority's window says so. */
const EARLIEST_PART = 0.4;

/** Sees what an onlooker could see: orders at the authorities, certificates at the appliance. */
export class Witness {
  readonly #world: World;
  readonly #hosts: readonly AuthorityHost[];
  readonly #names: readonly string[];
  /** Orders that the appliance has come back to: it knows them for good. */
  readonly #known = new Set<Order>();
  readonly #seen = new Map<AuthorityHost, number>();
  readonly #validUntil = new WeakMap<TlsCredentials, number>();
  readonly #hasHadOne = new Set<string>();
  /** The newest certificate that arrived, by what it is for. */
  readonly #fetched = new Map<string, IssuedCertificate>();

  constructor(world: World, hosts: readonly AuthorityHost[], names: readonly string[]) {
    this.#world = world;
    this.#hosts = hosts;
    this.#names = names;
  }

  /** Before an authority takes a request: one that comes back to an order shows that the order is known. */
  noteRequest({ authority }: AuthorityHost, { url }: HttpRequest): void {
    const [, kind, id] = url.pathname.split('/');
    for (const order of authority.orders.slice(-ORDERS_LOOKED_AT)) {
      const isIt = kind === 'order' && order.id === id;
      const isOfIt = kind === 'authorization' && order.authorizations.some(each => each.id === id);
      if (isIt || (isOfIt && order.authorizations.every(each => each.status === 'pending')))
        this.#known.add(order);
    }
  }

  /** After it: a new order must have a reason; a certificate that arrived ends one. */
  noteAnswer(host: AuthorityHost, { url }: HttpRequest, { status }: HttpResponse): void {
    const [, kind, id] = url.pathname.split('/');
    if (kind === 'new-order') this.#judgeOrders(host);
    if (kind !== 'certificate' || status !== 200) return;
    const fetched = host.authority.certificates.find(({ serial }) => serial === id);
    if (fetched === undefined) return;
    this.#fetched.set(identifierKey(fetched.identifiers), fetched);
    for (const order of this.#known) if (order.certificate === fetched) this.#known.delete(order);
  }

  #judgeOrders(host: AuthorityHost): void {
    const { orders } = host.authority;
    const before = this.#seen.get(host) ?? 0;
    this.#seen.set(host, orders.length);
    const created = orders.at(-1);
    if (created === undefined || orders.length === before) return;
    const key = identifierKey(created.identifiers);
    const same = orders.slice(0, before).filter(order => identifierKey(order.identifiers) === key);
    if (same.some(order => this.#known.has(order) && this.#isUnderWay(order)))
      this.#world.violate('one order at a time', `${host.hostname} got another order for ${key}`);
    const fetched = this.#fetched.get(key);
    if (fetched !== undefined && host.nowMs < earliestRenewalMs(fetched))
      this.#world.violate(
        'no order before its time',
        `${key}: ${daysLeft(fetched, host.nowMs)} days before the end`,
      );
  }

  #isUnderWay(order: Order): boolean {
    const nowMs = (this.#hosts[0] as AuthorityHost).nowMs;
    const isOpen =
      order.status !== 'invalid' && order.authorizations.every(each => each.status !== 'invalid');
    return isOpen && (order.status === 'valid' || order.status === 'processing' || nowMs < order.expiresMs);
  }

  /** What is wrong with what visitors get at this moment. */
  judgeShown(certificates: Certificates, trueNowMs: number): string | undefined {
    for (const name of this.#names) {
      const shown = certificates.credentialsFor(name);
      if (shown === undefined) return `nothing is shown for ${name}`;
      const untilMs = this.#untilMs(shown);
      if (untilMs === undefined) {
        if (this.#hasHadOne.has(name)) return `${name} is back to a self-signed certificate`;
        continue;
      }
      this.#hasHadOne.add(name);
      if (trueNowMs > untilMs) return `the certificate of ${name} has expired`;
    }
    return undefined;
  }

  hasAll(): boolean {
    return this.#hasHadOne.size === this.#names.length;
  }

  /** When it ends; undefined for one that is self-signed. */
  #untilMs(credentials: TlsCredentials): number | undefined {
    const known = this.#validUntil.get(credentials);
    if (known !== undefined) return known === 0 ? undefined : known;
    const certificate = new X509Certificate(credentials.certificateChainPem);
    const untilMs = certificate.issuer === certificate.subject ? 0 : certificate.validToDate.getTime();
    this.#validUntil.set(credentials, untilMs);
    return untilMs === 0 ? undefined : untilMs;
  }
}

/** The newest are the ones that a client may come back to. */
const ORDERS_LOOKED_AT = 5;

function earliestRenewalMs(certificate: IssuedCertificate): number {
  const { notBeforeMs, notAfterMs } = certificate;
  return Math.min(
    renewalWindow(certificate).startMs,
    notBeforeMs + (notAfterMs - notBeforeMs) * EARLIEST_PART,
  );
}

function daysLeft({ notAfterMs }: IssuedCertificate, nowMs: number): string {
  return ((notAfterMs - nowMs) / 86_400_000).toFixed(1);
}
