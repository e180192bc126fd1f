import { generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Server } from 'node:https';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { encodeUtf8 } from '../../shared/base/bytes.ts';
import { createSelfSignedCertificate } from '../../shared/components/x509/self-signed.ts';
import { AcmeAuthority, type AuthorityReply } from '../../shared/simulation/acme-authority/authority.ts';
import type { AuthorityOptions } from '../../shared/simulation/acme-authority/options.ts';
import { formatHttpDate } from '../../shared/protocols/http/date.ts';
import { Prng } from '../../shared/simulation/prng.ts';
import { lastingPort } from '../lasting-port.ts';
import { findProof, type ProofPlaces } from './find-proof.ts';

/** What happens to those who come. */
export type MockWeather =
  | { readonly kind: 'fair' }
  | { readonly kind: 'closed' }
  /** `limited`: no new orders, 429; `unavailable`: nothing, 503. */
  | { readonly kind: 'unavailable' | 'limited'; readonly retryAfterSeconds: number }
  | { readonly kind: 'garbage' };

export interface MockCaOptions extends Pick<AuthorityOptions, 'nonceRejection'> {
  /** Where it looks for proofs: every name is this machine's loopback address to it. */
  readonly places: ProofPlaces;
  /** Its clock; the default is this machine's. */
  readonly nowMs?: () => number;
  readonly name?: string;
}

/** The simulated authority behind a real HTTPS server, which looks for proofs in the real world. */
export interface MockCa extends AsyncDisposable {
  directoryUrl(): string;
  /** What an ACME client must trust to talk to it. */
  readonly trustAnchorPem: string;
  readonly authority: AcmeAuthority;
  weather: MockWeather;
  /** Requests so far, as 'POST /new-order'. */
  readonly requests: readonly string[];
}

const BODY_MAX_BYTES = 1024 * 1024;

export async function startMockCa(options: MockCaOptions): Promise<MockCa> {
  const { places, nowMs = Date.now, name = 'Mock CA', ...rest } = options;
  const port = await lastingPort();
  const own = await createSelfSignedCertificate({ commonName: name, names: ['localhost'], usage: 'server' });
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const random = new Prng(name);
  const baseUrl = `https://localhost:${port}`;
  const authority = new AcmeAuthority({ baseUrl, name, key: privateKey, random, ...rest }, nowMs());
  const requests: string[] = [];
  const ca: MockCa = {
    directoryUrl: () => `${baseUrl}/directory`,
    trustAnchorPem: own.certificateChainPem,
    authority,
    weather: { kind: 'fair' },
    requests,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
  const validate = async (): Promise<void> => {
    for (const action of authority.takeActions()) {
      const finding = await findProof(action, places, {
        issuerDomain: authority.issuerDomain,
        nowMs: nowMs(),
      });
      authority.conclude(action.challengeId, finding, nowMs());
    }
  };
  const server: Server = createServer(
    { cert: own.certificateChainPem, key: own.privateKeyPem },
    (request, response) => {
      void serve({ weather: ca.weather, nowMs }, request, response, body => {
        requests.push(`${request.method} ${request.url}`);
        const reply = authority.handle(toRequest(request, body), nowMs());
        void validate();
        return reply;
      });
    },
  );
  server.on('connection', socket => {
    if (ca.weather.kind === 'closed') socket.destroy();
  });
  server.listen(port, 'localhost');
  await once(server, 'listening');
  return ca;
}

function toRequest(request: IncomingMessage, body: Uint8Array): Parameters<AcmeAuthority['handle']>[0] {
  const { method = '', url = '', headers, socket } = request;
  const clientAddress = socket.remoteAddress ?? '';
  return { method, path: url, headers: headers as Record<string, string>, body, clientAddress };
}

async function serve(
  { weather, nowMs }: Pick<MockCa, 'weather'> & { readonly nowMs: () => number },
  request: IncomingMessage,
  response: ServerResponse,
  handle: (body: Uint8Array) => AuthorityReply,
): Promise<void> {
  const parts: Buffer[] = [];
  for await (const part of request as AsyncIterable<Buffer>) {
    parts.push(part);
    if (Buffer.concat(parts).length > BODY_MAX_BYTES) return void request.destroy();
  }
  const { status, headers, body } = suffer(weather, request.url) ?? handle(Buffer.concat(parts));
  // Node would tell this machine's time, and clients believe an authority's.
  response.sendDate = false;
  response
    .writeHead(status, { date: formatHttpDate(nowMs()), ...headers })
    .end(request.method === 'HEAD' ? undefined : body);
}

function suffer(weather: MockWeather, path: string | undefined): AuthorityReply | undefined {
  if (weather.kind === 'garbage')
    return { status: 200, headers: { 'content-type': 'text/html' }, body: encodeUtf8('<h1>It works!</h1>') };
  const isLimited = weather.kind === 'limited' && path === '/new-order';
  if (weather.kind !== 'unavailable' && !isLimited) return undefined;
  const type = `urn:ietf:params:acme:error:${isLimited ? 'rateLimited' : 'serverInternal'}`;
  return {
    status: isLimited ? 429 : 503,
    headers: { 'retry-after': String(weather.retryAfterSeconds), 'content-type': 'application/problem+json' },
    body: encodeUtf8(JSON.stringify({ type, detail: 'come again later' })),
  };
}
