import { createPublicKey, type KeyObject, sign, X509Certificate } from 'node:crypto';
import { decodeUtf8, encodeUtf8 } from '../../base/bytes.ts';
import type { AcmeAuthority, AuthorityReply } from './authority.ts';
import { seededKey } from './seeded-key.ts';
import { encodeSigningRequest } from './signing-request.ts';
import type { Finding } from './validation.ts';

/** 2026-11-23. */
export const START_MS = 1_795_392_000_000;
export const BASE = 'https://ca.test';

/** Of any of ACME's objects, what these tests look at. */
export interface Json {
  readonly status?: string;
  readonly type?: string;
  readonly detail?: string;
  readonly url?: string;
  readonly authorizations?: readonly string[];
  readonly certificate?: string;
  readonly challenges?: readonly Json[];
  readonly error?: Json;
  readonly newOrder?: string;
  readonly meta?: { readonly externalAccountRequired?: boolean };
  readonly replaces?: string;
  readonly suggestedWindow?: { readonly start: string; readonly end: string };
  readonly text?: string;
}

export interface Answered {
  readonly reply: AuthorityReply;
  readonly json: Json;
}

export function base64Url(data: Uint8Array | string): string {
  return Buffer.from(data).toString('base64url');
}

/** The path of a URL of the authority. */
function pathOf(url: string | undefined): string {
  return (url ?? '').slice(BASE.length);
}

function jwkOf(key: KeyObject): Record<string, string> {
  return createPublicKey(key).export({ format: 'jwk' }) as Record<string, string>;
}

/** A client written apart from the one that ships, which does what it is told, right or wrong. */
export class TestClient {
  readonly authority: AcmeAuthority;
  readonly key: KeyObject;
  kid: string | undefined;
  nowMs = START_MS;

  constructor(authority: AcmeAuthority, key = seededKey(new Uint8Array(32).fill(1))) {
    this.authority = authority;
    this.key = key;
  }

  send(method: string, path: string, headers: Record<string, string> = {}, body = ''): AuthorityReply {
    const all = { 'user-agent': 'test', ...headers };
    const request = { method, path, headers: all, body: encodeUtf8(body), clientAddress: '10.0.0.7' };
    return this.authority.handle(request, this.nowMs);
  }

  get(path: string): Answered {
    const reply = this.send('GET', path);
    return { reply, json: JSON.parse(decodeUtf8(reply.body)) as Json };
  }

  jws(path: string, payload: object | undefined, change: object = {}): string {
    const nonce = this.send('HEAD', '/new-nonce').headers['replay-nonce'];
    const who = this.kid === undefined ? { jwk: jwkOf(this.key) } : { kid: this.kid };
    const header = { alg: 'EdDSA', nonce, url: BASE + path, ...who, ...change };
    const text = `${base64Url(JSON.stringify(header))}.${payload === undefined ? '' : base64Url(JSON.stringify(payload))}`;
    const [head, content] = text.split('.');
    const signature = base64Url(sign(null, encodeUtf8(text), this.key));
    return JSON.stringify({ protected: head, payload: content, signature });
  }

  post(path: string, payload?: object, change: object = {}): Answered {
    const type = { 'content-type': 'application/jose+json' };
    const reply = this.send('POST', path, type, this.jws(path, payload, change));
    const text = decodeUtf8(reply.body);
    return { reply, json: text.startsWith('{') ? (JSON.parse(text) as Json) : { text } };
  }

  register(extra: object = {}): AuthorityReply {
    const { reply } = this.post('/new-account', { termsOfServiceAgreed: true, ...extra });
    this.kid = reply.headers['location'];
    return reply;
  }

  order(names: readonly string[], extra: object = {}): Answered & { path: string } {
    const identifiers = names.map(value => ({ type: /^[\d.]+$|:/.test(value) ? 'ip' : 'dns', value }));
    const { reply, json } = this.post('/new-order', { identifiers, ...extra });
    return { reply, json, path: pathOf(reply.headers['location']) };
  }

  /** Answers the challenge of every authorization; the world finds what `finding` says. */
  validate(order: Json, type = 'http-01', finding?: Finding): void {
    for (const url of order.authorizations ?? []) {
      const { json } = this.post(pathOf(url));
      if (json.status !== 'pending') continue;
      this.post(pathOf(json.challenges?.find(each => each.type === type)?.url), {});
      for (const action of this.authority.takeActions())
        this.authority.conclude(action.challengeId, finding, this.nowMs);
    }
  }

  finalize(path: string, names: readonly string[], key = seededKey(new Uint8Array(32).fill(9))): Answered {
    return this.post(`${path}/finalize`, { csr: base64Url(encodeSigningRequest(names, key)) });
  }

  /** The whole way to a certificate. */
  issue(names: readonly string[], extra: object = {}): X509Certificate {
    const { json, path } = this.order(names, extra);
    this.validate(json);
    this.finalize(path, names);
    const { json: done } = this.post(path);
    const chain = this.post(pathOf(done.certificate));
    return new X509Certificate(chain.json.text ?? '');
  }
}
