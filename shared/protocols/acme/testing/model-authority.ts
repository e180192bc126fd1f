import { createHash } from 'node:crypto';
import { assert } from '../../../base/assert.ts';
import { decodeUtf8, encodeUtf8 } from '../../../base/bytes.ts';
import type { AcmeAnswer, AcmeRequest } from '../exchange.ts';
import type { AcmeSigner } from '../jws.ts';
import type { OrderTerms } from '../order-run.ts';

export const CA = 'https://ca.test';
export const PEM = '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n';

/** The model does not look at signatures; the mock authority and pebble do. */
export const signer: AcmeSigner = {
  alg: 'ES256',
  jwk: { crv: 'P-256', kty: 'EC', x: 'eA', y: 'eQ' },
  sign: data => createHash('sha256').update(data).digest(),
};

export const terms: OrderTerms = {
  directory: {
    newNonce: `${CA}/nonce`,
    newAccount: `${CA}/account`,
    newOrder: `${CA}/order`,
    profiles: ['shortlived'],
    externalAccountRequired: false,
    caaIdentities: [],
  },
  identifiers: [
    { type: 'dns', value: 'lares.test' },
    { type: 'dns', value: 'www.lares.test' },
  ],
  csr: encodeUtf8('csr'),
  challengeTypes: ['tls-alpn-01', 'http-01'],
  contacts: ['mailto:owner@lares.test'],
};

export interface Received {
  readonly url: string;
  readonly payload: Record<string, unknown> | undefined;
}

/** An authority in memory: as strict about nonces as a real one, and decides at the second look. */
export class ModelAuthority {
  orders: number = 0;
  /** What it took, nonces apart. */
  readonly received: Received[] = [];
  /** An answer to give instead of the ordinary one. */
  interfere: (received: Received) => AcmeAnswer | undefined = () => undefined;
  hasOrderList: boolean = true;
  #nonce = 0;
  #orderStatus = 'pending';
  readonly #told = new Map<string, number>();
  #polls = 0;

  answer(request: AcmeRequest): AcmeAnswer {
    if (request.method === 'HEAD') return this.#reply(200, undefined);
    const jws = JSON.parse(decodeUtf8(request.body ?? new Uint8Array())) as Record<string, string>;
    const header = decode(jws['protected'] ?? '') as Record<string, string>;
    assert(header['url'] === request.url, 'the JWS is for another URL');
    if (header['nonce'] !== `n${this.#nonce}`) return this.problem(400, 'badNonce');
    const payload =
      jws['payload'] === '' ? undefined : (decode(jws['payload'] ?? '') as Record<string, unknown>);
    const received = { url: request.url, payload };
    this.received.push(received);
    return this.interfere(received) ?? this.#serve(received);
  }

  problem(status: number, type: string, headers: Record<string, string> = {}): AcmeAnswer {
    return this.#reply(
      status,
      { type: `urn:ietf:params:acme:error:${type}`, detail: `detail of ${type}` },
      headers,
    );
  }

  #serve({ url, payload }: Received): AcmeAnswer {
    const path = url.slice(CA.length);
    const name = path.split('/')[2] ?? '';
    if (path === '/account') return this.#reply(201, {}, { location: `${CA}/account/1` });
    if (path === '/account/1') return this.#reply(200, this.hasOrderList ? { orders: `${CA}/list` } : {});
    if (path === '/list') return this.#reply(200, { orders: this.orders > 0 ? [`${CA}/order/1`] : [] });
    if (path === '/order') {
      this.orders++;
      return this.#reply(201, this.#order(), { location: `${CA}/order/1` });
    }
    if (path === '/order/1') {
      if (this.#orderStatus === 'processing' && this.#polls++ > 0) this.#orderStatus = 'valid';
      return this.#reply(200, this.#order());
    }
    if (path.startsWith('/authorization/')) return this.#reply(200, this.#authorization(name));
    if (path.startsWith('/challenge/')) {
      assert(payload !== undefined && Object.keys(payload).length === 0, 'a challenge is told of by {}');
      this.#told.set(name, 0);
      return this.#reply(200, { type: 'x', url, status: 'processing' });
    }
    if (path === '/finalize') {
      assert(payload?.['csr'] === 'Y3Ny', 'the request is that of the terms');
      this.#orderStatus = 'processing';
      return this.#reply(200, this.#order(), { 'retry-after': '3' });
    }
    return { ...this.#reply(200, undefined), body: encodeUtf8(PEM) };
  }

  #order(): object {
    const { identifiers } = terms;
    if (
      this.#orderStatus === 'pending' &&
      this.#told.size === 2 &&
      [...this.#told.values()].every(looks => looks > 1)
    )
      this.#orderStatus = 'ready';
    return {
      status: this.#orderStatus,
      identifiers: identifiers.toReversed(),
      authorizations: identifiers.map(({ value }) => `${CA}/authorization/${value}`),
      finalize: `${CA}/finalize`,
      ...(this.#orderStatus === 'valid' ? { certificate: `${CA}/certificate` } : {}),
    };
  }

  #authorization(name: string): object {
    const looks = this.#told.get(name);
    if (looks !== undefined) this.#told.set(name, looks + 1);
    const status = looks !== undefined && looks > 0 ? 'valid' : 'pending';
    const challenges = ['http-01', 'tls-alpn-01', 'dns-01'].map(type => ({
      type,
      status: looks === undefined || type !== 'tls-alpn-01' ? 'pending' : 'processing',
      url: `${CA}/challenge/${name}/${type}`,
      token: `token-${type}`,
    }));
    return { status, identifier: { type: 'dns', value: name }, challenges };
  }

  #reply(status: number, body: object | undefined, headers: Record<string, string> = {}): AcmeAnswer {
    this.#nonce++;
    return {
      status,
      headers: { 'replay-nonce': `n${this.#nonce}`, ...headers },
      body: encodeUtf8(body === undefined ? '' : JSON.stringify(body)),
    };
  }
}

function decode(text: string): unknown {
  return JSON.parse(decodeUtf8(Uint8Array.fromBase64(text, { alphabet: 'base64url' })));
}
