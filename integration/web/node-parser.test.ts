import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { REFUSED, TAKEN } from '../../shared/protocols/http1/testing/corpus.ts';

/**
 * Where node:http says otherwise than our reader, and why ours does so. The corpus' own status stands in the corpus; here is Node's: the
 * status it answers, or 'taken' where it hands the request to its listener.
 */
const DIFFERENCES: Readonly<Record<string, number | 'taken' | 'waits'>> = {
  // RFC 9112 §3.2: 400; node:http leaves Host to its application.
  'two Hosts': 'taken',
  'a Host with a path': 'taken',
  'a Host with user information': 'taken',
  // RFC 9112 §6.3 (4), §6.1: what is not chunked last has no end that can be known, and 1.0 has no chunks: 400, and 501 for codings that we do not undo.
  'chunked with a trick': 'taken',
  'chunked from 1.0': 'taken',
  'a coding besides chunked': 'taken',
  // RFC 9112 §3: one space, and a version. Two readings of one line are what smuggling lives on.
  'two spaces': 'taken',
  'no version': 'taken',
  // RFC 9110 §15.6.6 has a code of its own for it, and RFC 9112 §3 for a long target.
  'another major version': 400,
  'a long target': 431,
  // Ours ends a connection that sends nothing but line ends; Node's reads them for ever.
  'many empty lines': 'waits',
  // RFC 9110 §15.6.2: 501 tells more than 400; the answer is the plane's.
  'an unknown method': 400,
  // RFC 9110 §2.5: a higher minor version is read as the highest that is known.
  'a minor version to come': 400,
};

let server: Server;
beforeAll(async () => {
  server = createServer({ maxHeaderSize: 512 }, (_, response) => response.end('taken'));
  server.maxHeadersCount = 8;
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
});
afterAll(() => server.close());

/** What node:http makes of `text`. */
async function verdictOf(text: string): Promise<number | 'taken' | 'waits'> {
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
  let heard = '';
  socket.on('data', chunk => (heard += chunk.toString('latin1')));
  socket.on('error', () => undefined);
  socket.write(Buffer.from(text, 'latin1'));
  const deadline = performance.now() + 2_000;
  while (!heard.includes('\r\n\r\n') && !socket.destroyed && performance.now() < deadline)
    await new Promise(resolve => setTimeout(resolve, 5));
  socket.destroy();
  const status = Number(/^HTTP\/1\.1 (\d{3})/.exec(heard)?.[1] ?? 0);
  if (status === 0) return 'waits';
  return status === 200 ? 'taken' : status;
}

it.each(REFUSED)('node:http and we on %s', async (what, status, text) => {
  expect(await verdictOf(text)).toBe(DIFFERENCES[what] ?? status);
});

it.each(TAKEN)('node:http and we on %s', async (what, text) => {
  expect(await verdictOf(text)).toBe(DIFFERENCES[what] ?? 'taken');
});
