import { createPrivateKey, X509Certificate } from 'node:crypto';
import { concatBytes, decodeUtf8, encodeUtf8, viewOf } from '../base/bytes.ts';
import type { Clock } from '../devices/clock.ts';
import { DeviceError } from '../devices/device-error.ts';
import type { Flow } from '../devices/tcp.ts';
import {
  HANDSHAKE_TIMEOUT_DEFAULT_MS,
  type Tls,
  type TlsClientOptions,
  type TlsCredentials,
  type TlsFlow,
  type TlsServerOptions,
} from '../devices/tls.ts';
import { CLIENT_HELLO_MAX_BYTES, parseClientHello, type ClientHello } from '../protocols/tls/client-hello.ts';
import { encodeClientHello } from '../protocols/tls/encode-client-hello.ts';
import { isNumericAddress } from './addresses.ts';
import { judgeChain, parseChain } from './tls-trust.ts';

/** First in each message after the ClientHello, so that a peer which speaks no TLS is noticed. */
const MAGIC = 'LaresPlaintextTls';
const MESSAGE_MAX_BYTES = 65_536;
const RECORD_HEADER_BYTES = 5;

/** Follows the ClientHello, which is a real one, so that whoever routes by it need not know that it is simulated. */
interface ClientCertificate {
  readonly certificateChainPem?: string;
}
type ServerHello =
  | { readonly certificateChainPem: string; readonly alpnProtocol: string | false }
  | { readonly alert: string };
/** The client's verdict on the server's certificate, as its alert or its Finished message would tell. */
interface ClientFinished {
  readonly alert?: string;
}

/**
 * The plaintext twin of TLS: names, protocols and certificates are exchanged and judged as TLS does, with the
 * world's clock for validity, but nothing is encrypted. Possession of a key is checked where it is used and not proven over
 * the wire. After the handshake the flow itself is handed on.
 */
export function createSimulatedTls(clock: Clock, defaultAuthoritiesPem: readonly string[]): Tls {
  return {
    server: (flow, options) =>
      guarded(flow, clock, options.handshakeTimeoutMs, () => accept(flow, options, clock)),
    client: (flow, options) =>
      guarded(flow, clock, options.handshakeTimeoutMs, () =>
        dial(flow, { ...options, trustAnchorsPem: options.trustAnchorsPem ?? defaultAuthoritiesPem }, clock),
      ),
  };
}

/** Ends the flow when the handshake fails or takes too long. */
async function guarded<T>(
  flow: Flow,
  clock: Clock,
  timeoutMs: number = HANDSHAKE_TIMEOUT_DEFAULT_MS,
  handshake: () => Promise<T>,
): Promise<T> {
  const late = Promise.withResolvers<never>();
  const timer = clock.timer(timeoutMs, () =>
    late.reject(new DeviceError('timed-out', `no TLS handshake within ${timeoutMs} ms`)),
  );
  flow.on('error', ignoreError);
  try {
    return await Promise.race([handshake(), late.promise]);
  } catch (error) {
    flow.destroy();
    throw error;
  } finally {
    timer.cancel();
  }
}

async function accept(flow: Flow, options: TlsServerOptions, clock: Clock): Promise<TlsFlow> {
  const hello = await receiveHello(flow);
  const shown = (await receiveMessage(flow)) as ClientCertificate;
  const refuse = (alert: string): never => {
    // `end` and not `destroy`, so that the alert arrives before the flow closes.
    flow.end(encodeMessage({ alert } satisfies ServerHello));
    throw new DeviceError('handshake-failed', `the handshake was refused: ${alert}`);
  };
  const credentials = credentialsFor(hello.serverName, options);
  // RFC 6066 §3: a name that is not served gets unrecognized_name.
  if (credentials === undefined) return refuse('unrecognized_name');
  const offered = hello.alpnProtocols;
  const alpnProtocol = options.alpnProtocols.find(protocol => offered?.includes(protocol)) ?? false;
  // RFC 7301 §3.2: a client that offers protocols of which none is ours gets no_application_protocol.
  if (alpnProtocol === false && offered !== undefined && options.alpnProtocols.length > 0)
    return refuse('no_application_protocol');
  flow.write(
    encodeMessage({
      certificateChainPem: credentials.certificateChainPem,
      alpnProtocol,
    } satisfies ServerHello),
  );
  const { alert } = (await receiveMessage(flow)) as ClientFinished;
  if (alert !== undefined) throw new DeviceError('handshake-failed', `the client refused: ${alert}`);
  const peer = judgeClient(shown, options, clock);
  flow.write(encodeMessage(peer.alert === undefined ? {} : { alert: peer.alert }));
  if (peer.alert !== undefined)
    throw new DeviceError('not-trusted', `the client's certificate: ${peer.alert}`);
  return asTlsFlow(flow, alpnProtocol, hello.serverName, peer.certificate);
}

/** @throws DeviceError `failed` where there are none that could be used. */
function credentialsFor(
  serverName: string | undefined,
  options: TlsServerOptions,
): TlsCredentials | undefined {
  try {
    const credentials = options.credentialsFor(serverName);
    if (credentials === undefined || holdsKey(credentials)) return credentials;
  } catch (cause) {
    throw new DeviceError('failed', `no credentials: ${(cause as Error).message}`, { cause });
  }
  throw new DeviceError('failed', 'the credentials are no certificate with its key');
}

function judgeClient(
  shown: ClientCertificate,
  options: TlsServerOptions,
  clock: Clock,
): { certificate?: X509Certificate; alert?: string } {
  const chain = parseChain(shown.certificateChainPem ?? '');
  const [certificate] = chain;
  if (options.clientCertificates === 'ask') return certificate === undefined ? {} : { certificate };
  if (options.clientAuthoritiesPem === undefined) return {};
  if (certificate === undefined) return { alert: 'certificate_required' };
  const fault = judgeChain(chain, options.clientAuthoritiesPem, clock.now());
  return fault === undefined ? { certificate } : { certificate, alert: fault };
}

async function dial(flow: Flow, options: TlsClientOptions, clock: Clock): Promise<TlsFlow> {
  const { serverName, alpnProtocols, credentials } = options;
  const isName = !isNumericAddress(serverName);
  const hello = encodeClientHello({
    serverName: isName ? serverName.toLowerCase() : undefined,
    alpnProtocols: alpnProtocols?.length === 0 ? undefined : alpnProtocols,
  });
  const shown: ClientCertificate =
    credentials === undefined || !holdsKey(credentials)
      ? {}
      : { certificateChainPem: credentials.certificateChainPem };
  flow.write(concatBytes([hello, encodeMessage(shown)]));
  const answer = (await receiveMessage(flow)) as ServerHello;
  if ('alert' in answer) throw new DeviceError('handshake-failed', `the server refused: ${answer.alert}`);
  const fault = judgeServer(parseChain(answer.certificateChainPem), options, clock.now());
  if (fault !== undefined) {
    flow.end(encodeMessage({ alert: fault } satisfies ClientFinished));
    throw new DeviceError('not-trusted', `the server's certificate is not trusted: ${fault}`);
  }
  flow.write(encodeMessage({} satisfies ClientFinished));
  const { alert } = (await receiveMessage(flow)) as ClientFinished;
  if (alert !== undefined)
    throw new DeviceError('handshake-failed', `the server refused our certificate: ${alert}`);
  return asTlsFlow(flow, answer.alpnProtocol, isName ? serverName : undefined);
}

function judgeServer(
  chain: readonly X509Certificate[],
  { pinnedSha256, serverName, trustAnchorsPem = [] }: TlsClientOptions,
  nowMs: number,
): string | undefined {
  const [certificate] = chain;
  if (certificate === undefined) return 'no certificate';
  if (pinnedSha256 !== undefined) {
    const shown = certificate.fingerprint256.replaceAll(':', '').toLowerCase();
    return shown === pinnedSha256.toLowerCase()
      ? undefined
      : `its SHA-256 is ${shown}, expected ${pinnedSha256}`;
  }
  // RFC 9525 §6: the name or address that was dialled must be among the certificate's.
  const isNamed = isNumericAddress(serverName)
    ? certificate.checkIP(serverName)
    : certificate.checkHost(serverName);
  if (isNamed === undefined) return `it is not for ${serverName}`;
  return judgeChain(chain, trustAnchorsPem, nowMs);
}

function holdsKey({ certificateChainPem, privateKeyPem }: TlsCredentials): boolean {
  return parseChain(certificateChainPem)[0]?.checkPrivateKey(createPrivateKey(privateKeyPem)) ?? false;
}

function asTlsFlow(
  flow: Flow,
  alpnProtocol: string | false,
  servername: string | undefined,
  peer?: X509Certificate,
): TlsFlow {
  return Object.assign(flow, {
    alpnProtocol,
    servername,
    getProtocol: () => 'TLSv1.3',
    getPeerX509Certificate: () => peer,
  });
}

function encodeMessage(message: object): Uint8Array {
  const body = encodeUtf8(MAGIC + JSON.stringify(message));
  const length = new Uint8Array(4);
  viewOf(length).setUint32(0, body.length);
  return concatBytes([length, body]);
}

/** The ClientHello, which our own clients send in one record. */
async function receiveHello(flow: Flow): Promise<ClientHello> {
  const header = await receiveBytes(flow, RECORD_HEADER_BYTES);
  const length = Math.min(viewOf(header).getUint16(3), CLIENT_HELLO_MAX_BYTES);
  if (parseClientHello(header) === 'more') {
    const hello = parseClientHello(concatBytes([header, await receiveBytes(flow, length)]));
    if (typeof hello === 'object') return hello;
  }
  throw new DeviceError('handshake-failed', 'the peer does not speak TLS');
}

/** Takes exactly one message off the flow and leaves what follows it. */
async function receiveMessage(flow: Flow): Promise<unknown> {
  const length = viewOf(await receiveBytes(flow, 4)).getUint32(0);
  if (length > MESSAGE_MAX_BYTES) throw new DeviceError('handshake-failed', 'the peer does not speak TLS');
  const text = decodeUtf8(await receiveBytes(flow, length));
  if (!text.startsWith(MAGIC)) throw new DeviceError('handshake-failed', 'the peer does not speak TLS');
  return JSON.parse(text.slice(MAGIC.length)) as unknown;
}

function receiveBytes(flow: Flow, count: number): Promise<Uint8Array> {
  const done = Promise.withResolvers<Uint8Array>();
  // At once and not when the promise settles: 'readable' may come before, and what it reads would be lost.
  const stop = (): void => {
    flow.off('readable', take);
    flow.off('end', gone);
    flow.off('close', gone);
  };
  const take = (): void => {
    const bytes = flow.read(count) as Uint8Array | null;
    if (bytes?.length === count) {
      stop();
      done.resolve(bytes);
    } else if (bytes !== null || flow.readableEnded || flow.destroyed) gone();
  };
  const gone = (): void => {
    stop();
    done.reject(new DeviceError('handshake-failed', 'the peer closed during the TLS handshake'));
  };
  flow.on('readable', take);
  flow.on('end', gone);
  flow.on('close', gone);
  take();
  return done.promise;
}

function ignoreError(_error: Error): void {
  // The handshake's own waiting sees 'close'; later the flow's owner does.
}
