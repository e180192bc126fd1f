import { request } from 'node:https';
import { connect } from 'node:tls';
import { eventually } from '../eventually.ts';

/** The certificate that somebody sees who comes for `name`. */
export interface Shown {
  /** SHA-256 of it. */
  readonly fingerprint: string;
  readonly issuer: string;
  /** Whether who trusts the authority's root trusts it for that name. */
  readonly isTrusted: boolean;
}

/** Where a site is, and how it is judged. */
export interface Place {
  readonly name: string;
  /** On this machine's loopback address. */
  readonly port: number;
  readonly rootPem: string;
}

const HOST = '127.0.0.1';
const ANSWER_MS = 30_000;

/** @throws Error where nobody answers */
export function lookAt({ name, port, rootPem }: Place): Promise<Shown> {
  return new Promise((resolve, reject) => {
    const socket = connect(
      { host: HOST, port, servername: name, ca: rootPem, rejectUnauthorized: false },
      () => {
        const { fingerprint256, issuer } = socket.getPeerCertificate();
        resolve({ fingerprint: fingerprint256, issuer: String(issuer.CN), isTrusted: socket.authorized });
        socket.destroy();
      },
    );
    socket.setTimeout(ANSWER_MS, () => socket.destroy(new Error(`${name}: no handshake`)));
    socket.on('error', reject);
  });
}

/** What a visitor asks for: the start page, unless it says otherwise. */
export interface Visit {
  readonly method?: string;
  readonly path?: string;
  readonly fields?: Readonly<Record<string, string>>;
}

/** Asks as one who believes nothing but the authority's root. Gives the answer's status. @throws Error without one */
export function visit({ name, port, rootPem }: Place, { method, path, fields }: Visit = {}): Promise<number> {
  return new Promise((resolve, reject) => {
    const options = {
      host: HOST,
      port,
      servername: name,
      ca: rootPem,
      agent: false,
      method,
      path,
      headers: { host: name, ...fields },
    };
    const asked = request({ ...options, timeout: ANSWER_MS }, response => {
      response.resume();
      response.on('end', () => resolve(response.statusCode ?? 0));
    });
    asked.on('timeout', () => asked.destroy(new Error(`${name}: no answer`)));
    asked.on('error', reject);
    asked.end();
  });
}

/** Looks until the authority's certificate is there. @throws Error with what was seen last, where it does not come in time */
export async function untilTrusted(place: Place, timeoutMs: number): Promise<Shown> {
  let last: unknown;
  const look = async (): Promise<Shown | undefined> => {
    const shown = await lookAt(place).catch((error: unknown) => void (last = error));
    last = shown ?? last;
    return shown?.isTrusted === true ? shown : undefined;
  };
  const seen = (): string => (last instanceof Error ? last.message : JSON.stringify(last));
  const patience = { timeoutMs, pollMs: LOOK_MS, seen };
  return eventually(`a trusted certificate of ${place.name}`, look, patience);
}

/** A handshake of an emulated guest takes it longer than the default leaves it in peace. */
const LOOK_MS = 200;
