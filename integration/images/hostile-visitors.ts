import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';

/** What no browser sends. Each is answered with a refusal or by the end of its connection. */
const MALFORMED: readonly string[] = [
  'GET\r\n\r\n',
  'GET / HTTP/9.9\r\n\r\n',
  'GET / HTTP/1.1\r\n\r\n',
  'GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n',
  'GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n',
  'GET /../../etc/passwd HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n',
  'GET /%2e%2e/%2e%2e/proc/self/environ HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n',
  `GET /${'a'.repeat(100_000)} HTTP/1.1\r\nHost: a\r\n\r\n`,
  'CONNECT a:443 HTTP/1.1\r\nHost: a\r\n\r\n',
  'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\u0009\0\0\0\0\0',
  '\0'.repeat(1_000),
];

/** Long enough for an emulated handshake on a busy machine. */
const PATIENCE_MS = 15_000;

/** Sends all of it on the plain port, in place of a handshake, and inside TLS. Gives the first line of every answer. */
export function sendMalformed(ports: { readonly http: number; readonly https: number }): Promise<string[]> {
  const host = '127.0.0.1';
  return Promise.all(
    MALFORMED.flatMap(text => [
      provoke(connect(ports.http, host), text),
      provoke(connect(ports.https, host), text),
      provoke(connectTls({ host, port: ports.https, rejectUnauthorized: false }), text),
    ]),
  );
}

async function provoke(socket: Socket, text: string): Promise<string> {
  let answer = '';
  socket.setEncoding('latin1').on('data', (part: string) => {
    answer += part;
    // An answer may leave the connection open for the next request.
    if (answer.includes('\r\n')) socket.destroy();
  });
  // A connection that is ended in the middle is an answer too.
  socket.on('error', () => undefined);
  let late = false;
  socket.setTimeout(PATIENCE_MS, () => {
    late = true;
    socket.destroy();
  });
  socket.write(Buffer.from(text, 'latin1'));
  await once(socket, 'close').catch(() => undefined);
  if (late) throw new Error(`neither an answer nor an end to ${JSON.stringify(text.slice(0, 60))}`);
  return answer.split('\r\n')[0] ?? '';
}

/** Opens that many connections and says nothing on them. */
export async function parkConnections(port: number, count: number): Promise<Disposable> {
  const sockets = Array.from({ length: count }, () => connect(port, '127.0.0.1'));
  for (const socket of sockets) socket.on('error', () => undefined);
  await Promise.all(sockets.map(socket => Promise.race([once(socket, 'connect'), once(socket, 'close')])));
  return {
    [Symbol.dispose]() {
      for (const socket of sockets) socket.destroy();
    },
  };
}
