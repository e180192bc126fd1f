import { encodeUtf8 } from '../../base/bytes.ts';
import { formatHttpDate } from '../../protocols/http/date.ts';
import { Accounts } from './accounts.ts';
import { checkSigningRequest, issueCertificate, selfCertificate } from './issuing.ts';
import { Ledger } from './ledger.ts';
import type { AuthorityOptions } from './options.ts';
import { countCertificate, createOrder } from './orders.ts';
import { malformed, Problem, problemDocument } from './problem.ts';
import type { LimitHit } from './rate-limits.ts';
import { renewalWindow } from './renewal-window.ts';
import { fromBase64Url, parseObject } from './signed-request.ts';
import type { Account, Challenge, IssuedCertificate, Order, TimeWindow } from './state.ts';
import { formatTimestamp } from './timestamp.ts';
import { validationAction, type Finding, type ValidationAction } from './validation.ts';
import { viewAccount, viewAuthorization, viewChallenge, viewOrder, type ViewContext } from './views.ts';

/** A request as HTTP brought it; header names in lower case. */
export interface AuthorityRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
  readonly clientAddress: string;
}

export interface AuthorityReply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

const HOUR_MS = 3_600_000;
const POLL_SECONDS = 3;
const KEY_TYPES = ['ec', 'rsa'];

/**
 * A strict ACME authority as a pure core: RFC 8555, 8737, 8738, 9773, the drafts on profiles and dns-persist-01, and the limits
 * that Let's Encrypt publishes. Requests come in, replies go out; what is to be looked at in the world comes out as
 * {@link ValidationAction}, and what was found goes back in by {@link conclude}.
 */
export class AcmeAuthority {
  /** What clients have to trust. */
  readonly rootPem: string;
  readonly #ledger: Ledger;
  readonly #accounts: Accounts;
  readonly #options: AuthorityOptions;
  readonly #views: ViewContext;
  #actions: ValidationAction[] = [];

  constructor(options: AuthorityOptions, nowMs: number) {
    this.#options = options;
    this.#ledger = new Ledger(options);
    this.#accounts = new Accounts(this.#ledger);
    this.#views = { baseUrl: options.baseUrl, issuerDomain: this.issuerDomain };
    const { name, key } = options;
    this.rootPem = selfCertificate({ name, key }, Uint8Array.of(1), nowMs);
  }

  /** The name by which CAA and dns-persist-01 records mean this authority. */
  get issuerDomain(): string {
    return new URL(this.#options.baseUrl).hostname;
  }

  /** Every refusal for going too fast: a client that keeps to the limits gets none. */
  get limitHits(): readonly LimitHit[] {
    return this.#ledger.limits.hits;
  }

  /** In the order in which they were made, as the next two. */
  get orders(): readonly Order[] {
    return this.#ledger.orders;
  }

  get certificates(): readonly IssuedCertificate[] {
    return this.#ledger.certificates;
  }

  /** The validations asked for since the last call. */
  takeActions(): readonly ValidationAction[] {
    const actions = this.#actions;
    this.#actions = [];
    return actions;
  }

  /** What was found in the world: undefined where the proof was there. */
  conclude(challengeId: string, finding: Finding, nowMs: number): void {
    const challenge = this.#ledger.challenges.get(challengeId);
    if (challenge?.status !== 'processing') return;
    const { authorization } = challenge;
    if (finding === undefined) {
      challenge.status = 'valid';
      challenge.validatedMs = nowMs;
      authorization.status = 'valid';
      authorization.expiresMs = nowMs + authorization.reuseMs;
      this.#ledger.noteValid(authorization);
      return;
    }
    challenge.status = 'invalid';
    challenge.error = problemDocument(finding.type, 403, finding.detail);
    authorization.status = 'invalid';
    const key = `${authorization.account.url} ${authorization.identifier.value}`;
    this.#ledger.limits.spend('failed validations per identifier and account', key, nowMs);
  }

  /** Asks the owner of every certificate that is not replaced to renew within a window: a mass revocation is announced so. */
  moveWindows(window: TimeWindow): void {
    for (const certificate of this.certificates)
      if (certificate.replacedBy === undefined) certificate.movedWindow = window;
  }

  handle(request: AuthorityRequest, nowMs: number): AuthorityReply {
    const { method } = request;
    try {
      // RFC 8555 §6.1: clients send a User-Agent.
      if ((request.headers['user-agent'] ?? '') === '') throw malformed('there is no User-Agent');
      return method === 'POST' ? this.#post(request, nowMs) : this.#get(request, nowMs);
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      const { type, status, message, headers } = error;
      const document = problemDocument(type, status, message);
      const fresh = method === 'POST' ? this.#freshNonce() : {};
      const all = { 'content-type': 'application/problem+json', ...fresh, ...headers };
      return this.#reply(status, all, document, nowMs);
    }
  }

  /** RFC 8555 §6.3: only these three answer to a plain GET. */
  #get({ method, path }: AuthorityRequest, nowMs: number): AuthorityReply {
    if (method !== 'GET' && method !== 'HEAD') throw new Problem('malformed', 405, `${method} is not taken`);
    if (path === '/directory') return this.#reply(200, {}, this.#directory(nowMs), nowMs);
    // RFC 8555 §7.2.
    if (path === '/new-nonce')
      return this.#reply(method === 'HEAD' ? 200 : 204, this.#freshNonce(), undefined, nowMs);
    if (path.startsWith('/renewal-info/')) return this.#renewalInfo(path.split('/').at(-1) ?? '', nowMs);
    throw new Problem('malformed', path === '/' ? 404 : 405, 'nothing answers to GET here');
  }

  #directory(nowMs: number): object {
    const { baseUrl, externalAccounts } = this.#options;
    const profiles = Object.entries(this.#ledger.profiles(nowMs));
    return {
      newNonce: `${baseUrl}/new-nonce`,
      newAccount: `${baseUrl}/new-account`,
      newOrder: `${baseUrl}/new-order`,
      revokeCert: `${baseUrl}/revoke-certificate`,
      renewalInfo: `${baseUrl}/renewal-info`,
      meta: {
        termsOfService: `${baseUrl}/terms`,
        caaIdentities: [this.issuerDomain],
        profiles: Object.fromEntries(profiles.map(([name, { description }]) => [name, description])),
        ...(externalAccounts === undefined ? {} : { externalAccountRequired: true }),
      },
    };
  }

  /** RFC 9773 §4.2 and §4.3: no account is needed, and Retry-After is always there. */
  #renewalInfo(certificateId: string, nowMs: number): AuthorityReply {
    const certificate = this.#ledger.certificatesById.get(certificateId);
    if (certificate === undefined) throw new Problem('malformed', 404, 'no such certificate');
    const { startMs, endMs } = renewalWindow(certificate);
    const suggestedWindow = { start: formatTimestamp(startMs), end: formatTimestamp(endMs) };
    const afterMs = this.#options.renewalRetryAfterMs ?? 6 * HOUR_MS;
    return this.#reply(200, { 'retry-after': String(Math.ceil(afterMs / 1000)) }, { suggestedWindow }, nowMs);
  }

  #post(request: AuthorityRequest, nowMs: number): AuthorityReply {
    // RFC 8555 §6.2.
    if (request.headers['content-type'] !== 'application/jose+json')
      throw new Problem('malformed', 415, 'the content-type is not application/jose+json');
    const { path, clientAddress } = request;
    const signed = this.#accounts.authenticate(request.body, path);
    if (path === '/new-account') {
      const { account, isNew } = this.#accounts.open(signed, clientAddress, nowMs);
      const headers = { location: account.url, ...this.#freshNonce() };
      return this.#reply(isNew ? 201 : 200, headers, viewAccount(account), nowMs);
    }
    const account = this.#accounts.accountOf(signed);
    const { status = 200, headers = {}, body } = this.#answer(account, path, signed.payload, nowMs);
    return this.#reply(status, { ...this.#freshNonce(), ...headers }, body, nowMs);
  }

  #answer(account: Account, path: string, payload: string, nowMs: number): Answer {
    const [, kind = '', id = '', part] = path.split('/');
    if (kind === 'new-order') return this.#newOrder(account, payload, nowMs);
    if (kind === 'revoke-certificate') return this.#revoke(account, payload, nowMs);
    if (kind === 'account') return this.#account(account, payload);
    if (kind === 'order' && part === 'finalize')
      return this.#finalize(this.#orderOf(account, id), payload, nowMs);
    if (kind === 'challenge') return this.#challenge(account, id, payload);
    // RFC 8555 §6.3: the rest is only read.
    if (payload !== '') throw malformed('this is read by POST-as-GET, with an empty payload');
    if (kind === 'order') return this.#showOrder(this.#orderOf(account, id), nowMs);
    if (kind === 'authorization') {
      const authorization = owned(this.#ledger.authorizations.get(id), account);
      const isWaiting = authorization.challenges.some(({ status }) => status === 'processing');
      return { headers: isWaiting ? RETRY_SOON : {}, body: viewAuthorization(authorization, this.#views) };
    }
    if (kind === 'certificate') {
      const { chainPem } = owned(this.#ledger.certificatesBySerial.get(id), account);
      return { headers: { 'content-type': 'application/pem-certificate-chain' }, body: chainPem };
    }
    throw new Problem('malformed', 404, 'there is nothing here');
  }

  #account(account: Account, payload: string): Answer {
    if (payload !== '') this.#accounts.change(account, parseObject(payload, 'the payload'));
    return { body: viewAccount(account) };
  }

  #newOrder(account: Account, payload: string, nowMs: number): Answer {
    const order = createOrder(this.#ledger, account, parseObject(payload, 'the order'), nowMs);
    return { ...this.#showOrder(order, nowMs), status: 201 };
  }

  #orderOf(account: Account, id: string): Order {
    return owned(this.#ledger.ordersById.get(id), account);
  }

  #showOrder(order: Order, nowMs: number): Answer {
    this.#ledger.refresh(order, nowMs);
    const headers = {
      location: `${this.#options.baseUrl}/order/${order.id}`,
      ...(order.status === 'processing' ? RETRY_SOON : {}),
    };
    return { headers, body: viewOrder(order, this.#views) };
  }

  /** RFC 8555 §7.4. */
  #finalize(order: Order, payload: string, nowMs: number): Answer {
    this.#ledger.refresh(order, nowMs);
    if (order.status !== 'ready') throw new Problem('orderNotReady', 403, `the order is '${order.status}'`);
    const { csr } = parseObject(payload, 'the payload');
    if (typeof csr !== 'string') throw malformed("there is no 'csr'");
    const keyTypes = this.#options.keyTypes ?? KEY_TYPES;
    const request = checkSigningRequest(fromBase64Url(csr), order, keyTypes);
    const lifetimeMs = this.#ledger.profiles(nowMs)[order.profile]?.lifetimeMs;
    if (lifetimeMs === undefined) throw new Problem('invalidProfile', 400, 'that profile is offered no more');
    const issuing = { ...this.#options, lifetimeMs, rootPem: this.rootPem };
    const certificate = issueCertificate(request, order, issuing, nowMs);
    this.#ledger.addCertificate(certificate);
    countCertificate(this.#ledger, order, nowMs);
    order.certificate = certificate;
    order.readyAtMs = nowMs + (this.#options.issueDelayMs ?? 0);
    order.status = 'processing';
    return this.#showOrder(order, nowMs);
  }

  /** RFC 8555 §7.5.1: an empty object says that the proof is in place. */
  #challenge(account: Account, id: string, payload: string): Answer {
    const challenge = this.#ledger.challenges.get(id);
    const authorization = owned(challenge?.authorization, account);
    if (challenge === undefined) throw notFound();
    if (payload !== '') {
      parseObject(payload, 'the response');
      this.#begin(challenge, account);
    }
    const up = `<${this.#options.baseUrl}/authorization/${authorization.id}>;rel="up"`;
    const headers = { link: up, ...(challenge.status === 'processing' ? RETRY_SOON : {}) };
    return { headers, body: viewChallenge(challenge, this.#views) };
  }

  #begin(challenge: Challenge, account: Account): void {
    const { authorization } = challenge;
    if (challenge.status !== 'pending') return;
    // RFC 8555 §7.1.6: an authorization goes from pending once.
    const isTaken = authorization.challenges.some(({ status }) => status !== 'pending');
    if (authorization.status !== 'pending' || isTaken)
      throw malformed('another challenge of this authorization was answered');
    challenge.status = 'processing';
    this.#actions.push(validationAction(challenge, authorization, account));
  }

  /** RFC 8555 §7.6, by the account that it was issued to. */
  #revoke(account: Account, payload: string, nowMs: number): Answer {
    const { certificate } = parseObject(payload, 'the payload');
    const pemBody = typeof certificate === 'string' ? fromBase64Url(certificate).toBase64() : '';
    const found = this.certificates.find(({ chainPem }) => pemBody !== '' && leafOf(chainPem) === pemBody);
    const issued = owned(found, account);
    if (issued.revokedMs !== undefined) throw new Problem('alreadyRevoked', 400, 'it is revoked already');
    issued.revokedMs = nowMs;
    return { body: '' };
  }

  #freshNonce(): { 'replay-nonce': string; 'cache-control': string } {
    return { 'replay-nonce': this.#accounts.freshNonce(), 'cache-control': 'no-store' };
  }

  #reply(
    status: number,
    headers: Readonly<Record<string, string>>,
    body: object | string | undefined,
    nowMs: number,
  ): AuthorityReply {
    const index = `<${this.#options.baseUrl}/directory>;rel="index"`;
    const link = headers['link'] === undefined ? index : `${headers['link']}, ${index}`;
    const text = typeof body === 'string' ? body : JSON.stringify(body ?? '');
    return {
      status,
      headers: { 'content-type': 'application/json', date: formatHttpDate(nowMs), ...headers, link },
      body: body === undefined ? new Uint8Array() : encodeUtf8(text),
    };
  }
}

interface Answer {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: object | string;
}

/** RFC 8555 §7.5.1 and §7.4: when to look again. */
const RETRY_SOON = { 'retry-after': String(POLL_SECONDS) };

function owned<T extends { readonly account: Account }>(found: T | undefined, account: Account): T {
  if (found === undefined) throw notFound();
  if (found.account !== account) throw new Problem('unauthorized', 403, 'that is not yours');
  return found;
}

function notFound(): Problem {
  return new Problem('malformed', 404, 'there is no such thing');
}

function leafOf(chainPem: string): string {
  return (chainPem.split('-----')[2] ?? '').replaceAll('\n', '');
}
