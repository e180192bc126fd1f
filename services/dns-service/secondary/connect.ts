import type { Devices } from '../../../shared/devices/devices.ts';
import type { Flow } from '../../../shared/devices/tcp.ts';
import type { TlsClientOptions } from '../../../shared/devices/tls.ts';
import { DOT } from '../../../shared/protocols/dns/alpn.ts';
import type { TsigKey } from '../../../shared/protocols/dns/tsig-mac.ts';
import type { Endpoint } from '../../../shared/devices/tcp.ts';
import { TransferError } from './transfer-error.ts';

export interface Primary {
  /** For DNS over TLS, where that is wanted. */
  readonly endpoint: Endpoint;
  /** Signs what is exchanged with it. */
  readonly key: TsigKey | undefined;
  /** How it is known over TLS; undefined: TCP. */
  readonly tls: Pick<TlsClientOptions, 'serverName' | 'pinnedSha256' | 'trustAnchorsPem'> | undefined;
}

/** A flow to the primary, open for requests. @throws DeviceError; TransferError; the signal's reason. */
export async function connectTo(
  { endpoint, tls: identity }: Primary,
  { tcp, tls }: Pick<Devices, 'tcp' | 'tls'>,
  signal: AbortSignal,
): Promise<Flow> {
  const flow = await tcp.connect({ ...endpoint, signal });
  if (identity === undefined) return flow;
  const abort = (): void => void flow.destroy();
  signal.addEventListener('abort', abort, { once: true });
  try {
    // RFC 9103 §7.1: the ALPN token "dot" must be selected. §7.2: TLS 1.3 is the oldest version that is used.
    const encrypted = await tls.client(flow, { ...identity, alpnProtocols: [DOT], versionMin: 'TLSv1.3' });
    if (encrypted.alpnProtocol === DOT) return encrypted;
    encrypted.destroy();
    throw new TransferError('the primary does not say that it speaks DNS over TLS (ALPN dot)');
  } finally {
    signal.removeEventListener('abort', abort);
  }
}
