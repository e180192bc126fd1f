import { request as http1Request } from 'node:http';
import { connect as http2Connect, type ClientHttp2Session } from 'node:http2';
import { request as httpsRequest } from 'node:https';
import { connect as tcpConnect, type Socket } from 'node:net';
import { connect as tlsConnect } from 'node:tls';

export interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly body: string;
}

export interface Ask {
  readonly method?: string;
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** One request over HTTP/1.1, on a connection of its own. */
export function ask1(port: number, ask: Ask, secure = true): Promise<Reply> {
  const request = secure ? httpsRequest : http1Request;
  return new Promise((resolve, reject) => {
    const options = { host: '127.0.0.1', port, rejectUnauthorized: false, agent: false, ...ask };
    const sent = request(options, response => {
      const chunks: Uint8Array[] = [];
      response.on('data', (chunk: Uint8Array) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () =>
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          body: Buffer.concat(chunks).toString('latin1'),
        }),
      );
    });
    sent.setTimeout(20_000, () => sent.destroy(new Error(`no answer to ${ask.path} within 20 s`)));
    sent.on('error', reject);
    sent.end();
  });
}

/** One request over HTTP/2, on a connection of its own. */
export async function ask2(port: number, ask: Ask): Promise<Reply> {
  const session = http2Connect(`https://127.0.0.1:${port}`, { rejectUnauthorized: false });
  try {
    return await askOn(session, ask);
  } finally {
    session.close();
  }
}

export function askOn(session: ClientHttp2Session, ask: Ask): Promise<Reply> {
  return new Promise((resolve, reject) => {
    session.on('error', reject);
    const stream = session.request({ ':method': ask.method ?? 'GET', ':path': ask.path, ...ask.headers });
    const chunks: Uint8Array[] = [];
    let head: Record<string, string> = {};
    stream.on('response', headers => (head = headers as unknown as Record<string, string>));
    stream.on('data', (chunk: Uint8Array) => chunks.push(chunk));
    stream.on('error', reject);
    // A session that the server ends before it has answered closes its streams without an error.
    stream.on('close', () => reject(new Error(`closed without an answer to ${ask.path}`)));
    stream.on('end', () =>
      resolve({
        status: Number(head[':status']),
        headers: head,
        body: Buffer.concat(chunks).toString('latin1'),
      }),
    );
    stream.end();
  });
}

/** Opens a socket, with TLS and this ALPN protocol if one is given. */
export function open(port: number, alpn?: string, localAddress = '127.0.0.1'): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const where = { host: '127.0.0.1', port, localAddress };
    const socket: Socket =
      alpn === undefined
        ? tcpConnect(where, () => resolve(socket))
        : tlsConnect({ ...where, ALPNProtocols: [alpn], rejectUnauthorized: false }, () => resolve(socket));
    socket.on('error', reject);
  });
}

/** Sends bytes and gives all that comes back until the server closes; a reset is an end as well. @throws Error when it does not within `ms` */
export async function converse(socket: Socket, bytes: Uint8Array | string, ms = 5_000): Promise<string> {
  const chunks: Uint8Array[] = [];
  socket.on('data', (chunk: Uint8Array) => chunks.push(chunk));
  const closed = new Promise<void>(resolve => {
    socket.once('close', () => resolve());
  });
  let late = false;
  const patience = setTimeout(() => {
    late = true;
    socket.destroy();
  }, ms);
  socket.write(bytes);
  await closed;
  clearTimeout(patience);
  if (late)
    throw new Error(`the server did not close within ${ms} ms; it said: ${String(Buffer.concat(chunks))}`);
  return Buffer.concat(chunks).toString('latin1');
}
