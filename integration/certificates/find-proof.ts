import { get } from 'node:http';
import { connect } from 'node:tls';
import { validationServerName } from '../../shared/protocols/acme/identifier.ts';
import {
  judgeDns,
  judgeHttp,
  judgePersistentDns,
  judgeTls,
  type Finding,
  type ValidationAction,
} from '../../shared/simulation/acme-authority/validation.ts';

/** Where proofs are looked for. */
export interface ProofPlaces {
  readonly httpPort: number;
  readonly tlsPort: number;
  /** The TXT values at a name; without it no name has any. */
  readonly texts?: (name: string) => Promise<readonly string[]>;
}

const LOOPBACK = '127.0.0.1';
const PATIENCE_MS = 10_000;

/** Looks for one proof as an authority does, over real sockets. */
export async function findProof(
  action: ValidationAction,
  places: ProofPlaces,
  { issuerDomain, nowMs }: { readonly issuerDomain: string; readonly nowMs: number },
): Promise<Finding> {
  const texts = (label: string): Promise<readonly string[]> =>
    places.texts?.(`${label}.${action.identifier.value}`) ?? Promise.resolve([]);
  try {
    switch (action.type) {
      case 'http-01':
        return await findByHttp(action, places.httpPort);
      case 'tls-alpn-01':
        return await findByTls(action, places.tlsPort);
      case 'dns-01':
        return judgeDns(action, await texts('_acme-challenge'));
      case 'dns-persist-01':
        return judgePersistentDns(action, await texts('_validation-persist'), issuerDomain, nowMs);
    }
  } catch (error) {
    return { type: 'connection', detail: (error as Error).message };
  }
}

// RFC 8555 §8.3: by plain HTTP, with the name as Host.
function findByHttp(action: ValidationAction, port: number): Promise<Finding> {
  const path = `/.well-known/acme-challenge/${action.token}`;
  return new Promise((resolve, reject) => {
    const options = {
      host: LOOPBACK,
      port,
      path,
      timeout: PATIENCE_MS,
      headers: { host: action.identifier.value },
    };
    const request = get(options, response => {
      let body = '';
      response.on('data', part => (body += String(part)));
      response.on('end', () => resolve(judgeHttp(action, response.statusCode ?? 0, body)));
    });
    request.on('error', reject);
  });
}

// RFC 8737 §3: TLS with this protocol alone; whatever certificate is shown is looked at, not trusted.
function findByTls(action: ValidationAction, port: number): Promise<Finding> {
  return new Promise((resolve, reject) => {
    const flow = connect({
      host: LOOPBACK,
      port,
      servername: validationServerName(action.identifier),
      ALPNProtocols: ['acme-tls/1'],
      rejectUnauthorized: false,
      timeout: PATIENCE_MS,
    });
    flow.on('error', reject);
    flow.on('secureConnect', () => {
      const certificate = flow.getPeerX509Certificate();
      resolve(judgeTls(action, flow.alpnProtocol, certificate?.raw ?? new Uint8Array()));
      flow.destroy();
    });
  });
}
