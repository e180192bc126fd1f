import { createHash } from 'node:crypto';
import { isIP } from 'node:net';
import { TLSSocket, connect, createServer, type SecureContext, type TlsOptions } from 'node:tls';
import { DeviceError } from '../devices/device-error.ts';
import type { Flow } from '../devices/tcp.ts';
import {
  HANDSHAKE_TIMEOUT_DEFAULT_MS,
  type Tls,
  type TlsClientOptions,
  type TlsFlow,
  type TlsServerOptions,
} from '../devices/tls.ts';
import { alertFor } from '../protocols/front/alerts.ts';
import { systemErrorCode } from './system-error.ts';
import { createContextCache, serverContextOptions, type ContextCache } from './tls-context.ts';

/** TLS by node:tls (OpenSSL). Over a `net.Socket` it works on the descriptor itself, over other streams in JavaScript. */
export function createHostTls(): Tls {
  const contexts = createContextCache();
  return {
    server: (flow, options) => serve(flow, options, contexts),
    client: (flow, options) => dial(flow, options, contexts),
  };
}

async function serve(flow: Flow, options: TlsServerOptions, contexts: ContextCache): Promise<TlsFlow> {
  const asks = options.clientAuthoritiesPem !== undefined || options.clientCertificates === 'ask';
  try {
    if (asks && options.clientCertificates !== 'ask') return await acceptProven(flow, options, contexts);
    return await accept(flow, options, contexts);
  } catch (error) {
    flow.destroy();
    throw error;
  }
}

async function accept(flow: Flow, options: TlsServerOptions, contexts: ContextCache): Promise<TlsFlow> {
  const socket = new TLSSocket(flow, {
    isServer: true,
    // A client that sends no name gets these; where there are none, OpenSSL answers handshake_failure.
    secureContext: contextFor(undefined, options, contexts),
    requestCert: options.clientCertificates === 'ask',
    rejectUnauthorized: false,
    ...negotiation(flow, options, contexts),
  });
  await handshake(socket, flow, 'secure', options.handshakeTimeoutMs);
  // tls.Server would say so; node:http2 waits until it is said.
  return Object.assign(socket, { secureConnecting: false });
}

/**
 * Node holds a client's certificate against the authorities in `tls.Server` alone, so here is one for this connection. Its sessions
 * end with it: who must prove a key proves it every time.
 */
async function acceptProven(flow: Flow, options: TlsServerOptions, contexts: ContextCache): Promise<TlsFlow> {
  const server = usable(undefined, () =>
    createServer({
      ...serverContextOptions(options.credentialsFor(undefined), options.clientAuthoritiesPem),
      requestCert: true,
      rejectUnauthorized: true,
      ...negotiation(flow, options, contexts),
    }),
  );
  const accepted = Promise.withResolvers<TLSSocket>();
  server.once('secureConnection', accepted.resolve);
  server.once('tlsClientError', (cause, { authorizationError }) =>
    accepted.reject(
      authorizationError === null || authorizationError === undefined
        ? handshakeError(cause)
        : notTrusted('client', String(authorizationError), cause),
    ),
  );
  const limitMs = options.handshakeTimeoutMs ?? HANDSHAKE_TIMEOUT_DEFAULT_MS;
  const timer = setTimeout(() => accepted.reject(timedOut(limitMs)), limitMs);
  flow.once('close', () => accepted.reject(goneDuringHandshake()));
  server.emit('connection', flow);
  const socket = await accepted.promise.finally(() => clearTimeout(timer));
  // Stays on for the life of the flow, so that a reset is never an uncaught exception.
  socket.on('error', () => socket.destroy());
  flow.once('close', () => socket.destroy());
  return socket;
}

/** What is agreed on in the handshake, whoever runs it. */
function negotiation(
  flow: Flow,
  options: TlsServerOptions,
  contexts: ContextCache,
): Pick<TlsOptions, 'ALPNProtocols' | 'SNICallback'> {
  const alpn = options.alpnProtocols;
  return {
    // RFC 7301 §3.2: no protocol in common is answered by the fatal alert no_application_protocol (OpenSSL does).
    ...(alpn.length > 0 ? { ALPNProtocols: [...alpn] } : {}),
    SNICallback: (name, done) => {
      try {
        const context = contextFor(name.toLowerCase(), options, contexts);
        if (context !== undefined) return done(null, context);
        flow.write(UNRECOGNIZED_NAME);
        done(new DeviceError('handshake-failed', 'no certificate for the name the client asked for'));
      } catch (error) {
        // Thrown on, it would end the process.
        done(error as Error);
      }
    },
  };
}

function contextFor(
  serverName: string | undefined,
  { credentialsFor, clientAuthoritiesPem }: TlsServerOptions,
  contexts: ContextCache,
): SecureContext | undefined {
  return usable(serverName, () => {
    const credentials = credentialsFor(serverName);
    if (credentials === undefined && serverName !== undefined) return undefined;
    return contexts.forServer(credentials, clientAuthoritiesPem);
  });
}

/** @throws DeviceError `failed` where there are no credentials, or none of use: that is nothing the peer can help. */
function usable<T>(serverName: string | undefined, make: () => T): T {
  try {
    return make();
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    const whose = serverName ?? 'clients that send no name';
    throw new DeviceError('failed', `no credentials for ${whose}: ${why}`, { cause });
  }
}

// RFC 6066 §3: a name that is not served gets the fatal alert unrecognized_name(112). Node would close without a word; before the
// ServerHello a record is still in the clear, so it is written below TLS.
const UNRECOGNIZED_NAME: Uint8Array = alertFor('unrecognized_name');

async function dial(flow: Flow, options: TlsClientOptions, contexts: ContextCache): Promise<TlsFlow> {
  const { serverName, pinnedSha256, alpnProtocols } = options;
  const pinned = pinnedSha256 !== undefined;
  const socket = connect({
    socket: flow,
    // RFC 6066 §3: a literal address is never sent as a server name; it is still checked against the certificate.
    ...(isIP(serverName) === 0 ? { servername: serverName } : { servername: '', host: serverName }),
    secureContext: contexts.forClient(options.credentials, options.trustAnchorsPem, options.versionMin),
    ...(alpnProtocols === undefined ? {} : { ALPNProtocols: [...alpnProtocols] }),
    rejectUnauthorized: !pinned,
  });
  await handshake(socket, flow, 'secureConnect', options.handshakeTimeoutMs);
  if (pinned) checkPin(socket, pinnedSha256);
  return socket;
}

function checkPin(socket: TLSSocket, pinnedSha256: string): void {
  const certificate = socket.getPeerX509Certificate();
  const shown =
    certificate === undefined ? 'none' : createHash('sha256').update(certificate.raw).digest('hex');
  if (shown === pinnedSha256.toLowerCase()) return;
  socket.destroy();
  throw new DeviceError('not-trusted', `the certificate's SHA-256 is ${shown}, expected ${pinnedSha256}`);
}

/** Ties the two flows' lives together and waits for `event`. */
function handshake(socket: TLSSocket, flow: Flow, event: string, timeoutMs?: number): Promise<void> {
  const limitMs = timeoutMs ?? HANDSHAKE_TIMEOUT_DEFAULT_MS;
  return new Promise((resolve, reject) => {
    const fail = (error: DeviceError): void => {
      clearTimeout(timer);
      reject(error);
      socket.destroy();
      flow.destroy();
    };
    const timer = setTimeout(() => fail(timedOut(limitMs)), limitMs);
    // Stays on for the life of the flow, so that a reset is never an uncaught exception.
    socket.on('error', cause => fail(handshakeError(cause)));
    const onEnd = (): void => fail(goneDuringHandshake());
    // A half-open flow does not close by itself when the peer has ended.
    socket.once('end', onEnd);
    socket.once('close', onEnd);
    flow.once('close', () => socket.destroy());
    socket.once(event, () => {
      clearTimeout(timer);
      socket.off('end', onEnd);
      resolve();
    });
  });
}

function timedOut(limitMs: number): DeviceError {
  return new DeviceError('timed-out', `no TLS handshake within ${limitMs} ms`);
}

function goneDuringHandshake(): DeviceError {
  return new DeviceError('handshake-failed', 'the peer closed during the TLS handshake');
}

/** Faults of a certificate's chain, time or name, as OpenSSL and node:tls call them. */
const NOT_TRUSTED =
  /CERT|ISSUER|SELF_SIGNED|UNABLE_TO_VERIFY|ALTNAME|HOSTNAME_MISMATCH|CRL|PATH_LENGTH|INVALID_PURPOSE/;

function handshakeError(cause: Error): DeviceError {
  if (cause instanceof DeviceError) return cause;
  const code = systemErrorCode(cause) ?? '';
  // ERR_SSL_… are alerts: the peer's refusal of *our* certificate is a failed handshake, not distrust of ours.
  if (NOT_TRUSTED.test(code) && !code.startsWith('ERR_SSL_'))
    return notTrusted('server', cause.message, cause);
  return new DeviceError('handshake-failed', `TLS handshake failed: ${cause.message}`, { cause });
}

function notTrusted(whose: 'client' | 'server', why: string, cause: Error): DeviceError {
  return new DeviceError('not-trusted', `the ${whose}'s certificate is not trusted: ${why}`, { cause });
}
