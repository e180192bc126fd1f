import { createHash } from 'node:crypto';
import { request, type IncomingMessage } from 'node:http';
import type { Readable } from 'node:stream';
import { connect, type TLSSocket } from 'node:tls';
import { formatFingerprint } from '../../../shared/appliance/admin/certificate.ts';
import type { TlsCredentials } from '../../../shared/devices/tls.ts';
import { forgetAppliance, knownAppliancesPath, pinAppliance } from './known-appliances.ts';

const ADMIN_PORT = 8443;
const CONNECT_TIMEOUT_MS = 15_000;

/** An appliance's admin endpoint as a person writes it. */
export interface AdminAddress {
  /** Without brackets. */
  readonly host: string;
  readonly port: number;
  /** `host:port`, brackets around IPv6. */
  readonly endpoint: string;
}

/** `host`, `host:port`, `[2001:db8::1]:8443` or a bare IPv6 address. @throws Error for people. */
export function parseAdminAddress(text: string): AdminAddress {
  const bare = /^[0-9a-f:.]*:[0-9a-f:.]*:[0-9a-f:.]*$/i.test(text) ? `[${text}]` : text;
  if (!URL.canParse(`https://${bare}`) || /[/?#@]/.test(bare))
    throw new Error(
      `'${text}' is no host; write a name or an address, with :port if it is not ${ADMIN_PORT}`,
    );
  const url = new URL(`https://${bare}`);
  // URL drops the default port of https.
  const port = url.port === '' ? (bare.endsWith(':443') ? 443 : ADMIN_PORT) : Number(url.port);
  return { host: url.hostname.replace(/^\[|\]$/g, ''), port, endpoint: `${url.hostname}:${port}` };
}

/** What is said to the person about the pin, or nothing. */
export interface Contact {
  readonly socket: TLSSocket;
  readonly fingerprint: string;
}

/**
 * Connects and checks the pinned fingerprint; at first contact pins it and says so on stderr.
 * @throws Error for people where it is not reached or shows another certificate.
 */
export async function contact(
  address: AdminAddress,
  options: { readonly credentials?: TlsCredentials; readonly forget?: boolean } = {},
): Promise<Contact> {
  if (options.forget === true) await forgetAppliance(address.endpoint);
  const socket = await dial(address, options.credentials);
  const certificate = socket.getPeerX509Certificate();
  if (certificate === undefined) throw new Error(`${address.endpoint} shows no certificate`);
  const fingerprint = createHash('sha256').update(certificate.raw).digest('hex');
  const outcome = await pinAppliance(address.endpoint, fingerprint);
  if (outcome === 'changed') {
    socket.destroy();
    throw new Error(
      [
        `${address.endpoint} shows another certificate than the one pinned in ${await knownAppliancesPath()}.`,
        `It shows ${formatFingerprint(fingerprint)}. Compare that with its console. If it is right (a new data volume),`,
        'run this again with --forget; if not, somebody stands between you and your appliance.',
      ].join('\n'),
    );
  }
  if (outcome === 'first-contact')
    console.error(
      `First contact with ${address.endpoint}: pinned ${formatFingerprint(fingerprint)}.\nIts console shows the same line if nobody stands between.`,
    );
  return { socket, fingerprint };
}

function dial(address: AdminAddress, credentials?: TlsCredentials): Promise<TLSSocket> {
  return new Promise((resolve, reject) => {
    const fail = (error: Error): void =>
      reject(new Error(`${address.endpoint} is not reached: ${error.message}`, { cause: error }));
    const socket = connect({
      host: address.host,
      port: address.port,
      // The certificate is the appliance's own: the caller compares its fingerprint before anything is sent.
      rejectUnauthorized: false,
      ALPNProtocols: ['http/1.1'],
      ...(credentials && { cert: credentials.certificateChainPem, key: credentials.privateKeyPem }),
    });
    socket.setTimeout(CONNECT_TIMEOUT_MS, () =>
      socket.destroy(new Error(`no answer within ${CONNECT_TIMEOUT_MS / 1_000} s`)),
    );
    socket.once('error', fail);
    socket.once('secureConnect', () => {
      socket.off('error', fail);
      socket.setTimeout(0);
      resolve(socket);
    });
  });
}

export interface AdminRequest {
  readonly method: 'GET' | 'PUT' | 'POST';
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly content?: Readable;
}

/** One GET over the connection; the body is the caller's to read. */
export function get(
  reached: Contact,
  address: AdminAddress,
  path: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<IncomingMessage> {
  return send(reached, address, { method: 'GET', path, headers: { connection: 'close', ...headers } });
}

/** One request over the connection, which is the caller's to close; so is the body to read. */
export function send(
  { socket }: Contact,
  address: AdminAddress,
  { method, path, headers = {}, content }: AdminRequest,
): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const sent = request(
      {
        method,
        path,
        headers: { host: address.endpoint, ...headers },
        createConnection: () => socket,
      },
      resolve,
    );
    sent.once('error', reject);
    if (content === undefined) sent.end();
    else content.once('error', reject).pipe(sent);
  });
}

/** Why the appliance did not do it, for people. */
export function refusal(endpoint: string, status: number | undefined): string {
  return status === 403
    ? `${endpoint} does not know your key; put the line of \`lares keys show\` under [operator] keys of its configuration`
    : `${endpoint} answered with status ${status}`;
}
