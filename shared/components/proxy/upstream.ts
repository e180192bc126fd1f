import { request as httpRequest, type ClientRequest, type IncomingMessage } from 'node:http';
import { DeviceError } from '../../devices/device-error.ts';
import type { BackendConnections } from './connections.ts';
import type { ProxyRequest } from './exchange.ts';
import { requestFields } from './fields.ts';
import { forwardedFields } from './forwarded.ts';
import { ANSWER_HEAD_MAX_BYTES, SILENCE_MAX_MS } from './limits.ts';

/** The request as the backend gets it. @throws TypeError where a field or the target cannot stand in HTTP/1.1. */
export function openUpstream(
  request: ProxyRequest,
  connections: BackendConnections,
  options: { readonly pseudonym: string; readonly framing: readonly string[]; readonly pooled: boolean },
): ClientRequest {
  const upstream = httpRequest({
    ...(options.pooled
      ? { agent: connections }
      : { createConnection: (own, onConnection) => connections.createConnection(own, onConnection) }),
    method: request.method,
    path: request.target,
    setHost: false,
    maxHeaderSize: ANSWER_HEAD_MAX_BYTES,
    headers: [
      'host',
      request.authority,
      ...requestFields(request.fields),
      ...forwardedFields(request, options.pseudonym),
      ...options.framing,
    ],
  });
  upstream.setTimeout(SILENCE_MAX_MS, () =>
    upstream.destroy(new DeviceError('timed-out', `the backend was silent for ${SILENCE_MAX_MS} ms`)),
  );
  // Once there is an answer, its own stream tells of what goes wrong.
  upstream.on('error', () => undefined);
  return upstream;
}

/** The head of the answer. @throws what ended the request before there was one. */
export function headOf(upstream: ClientRequest): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    upstream.once('response', resolve).once('error', reject);
    upstream.once('close', () => reject(new DeviceError('reset', 'the backend closed the connection')));
  });
}
