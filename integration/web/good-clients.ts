import { request } from 'node:https';
import { connect, type ClientHttp2Session } from 'node:http2';
import { connect as tlsConnect } from 'node:tls';
import { askOn } from './client.ts';

/** What ordinary visitors saw. */
export interface Experience {
  readonly served: number;
  /** Connections that were cut before the page had come, and made again as a browser makes them. */
  readonly again: number;
  readonly failures: readonly string[];
  readonly p50Ms: number;
  readonly p99Ms: number;
}

/** Neither the address of the tests' attackers nor in its network. */
const ADDRESS = '127.0.77.1';
const EVERY_MS = 40;
const PATIENCE_MS = 15_000;
/** Browsers ask again where a connection ends without an answer. */
const ATTEMPTS_MAX = 3;

/**
 * Visitors who come one after another, each on a connection of their own, in turns by HTTP/1.1 and HTTP/2, until `during` is
 * over; each wants the start page and nothing else.
 */
export async function visitDuring(port: number, during: Promise<unknown>): Promise<Experience> {
  const seen: Seen = { latencies: [], failures: [], again: 0 };
  const { latencies, failures } = seen;
  const visits: Promise<void>[] = [];
  let count = 0;
  const coming = setInterval(() => visits.push(visit(port, count++ % 2 === 0, seen)), EVERY_MS);
  await during.finally(() => clearInterval(coming));
  await Promise.all(visits);
  latencies.sort((left, right) => left - right);
  const at = (share: number): number =>
    Math.round(latencies[Math.floor(latencies.length * share)] ?? Infinity);
  return { served: latencies.length, again: seen.again, failures, p50Ms: at(0.5), p99Ms: at(0.99) };
}

interface Seen {
  readonly latencies: number[];
  readonly failures: string[];
  again: number;
}

async function visit(port: number, overHttp1: boolean, seen: Seen): Promise<void> {
  const begun = performance.now();
  for (let attempt = 1; ; attempt++)
    try {
      const body = await (overHttp1 ? visit1(port) : visit2(port));
      if (body === 'home') seen.latencies.push(performance.now() - begun);
      else seen.failures.push(`another page: ${body.slice(0, 40)}`);
      return;
    } catch (error) {
      if (attempt < ATTEMPTS_MAX) seen.again++;
      else {
        seen.failures.push(`${overHttp1 ? 'http/1.1' : 'h2'}: ${(error as Error).message}`);
        return;
      }
    }
}

function visit1(port: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const where = { host: '127.0.0.1', port, localAddress: ADDRESS };
    const sent = request({ ...where, agent: false, rejectUnauthorized: false }, response => {
      let body = '';
      response.on('data', chunk => (body += String(chunk)));
      response.on('end', () => resolve(body));
      response.on('error', reject);
    });
    sent.setTimeout(PATIENCE_MS, () => sent.destroy(new Error('out of patience')));
    sent.on('error', reject);
    sent.end();
  });
}

async function visit2(port: number): Promise<string> {
  let session: ClientHttp2Session | undefined;
  let timer: NodeJS.Timeout | undefined;
  try {
    const patience = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error('out of patience')), PATIENCE_MS);
    });
    const where = { host: '127.0.0.1', port, localAddress: ADDRESS };
    const socket = tlsConnect({ ...where, ALPNProtocols: ['h2'], rejectUnauthorized: false });
    session = connect(`https://127.0.0.1:${port}`, { createConnection: () => socket });
    const failed = new Promise<never>((_, reject) => {
      socket.on('error', reject);
      session?.on('error', reject);
      socket.on('close', () => reject(new Error('closed')));
    });
    return (await Promise.race([askOn(session, { path: '/' }), patience, failed])).body;
  } finally {
    clearTimeout(timer);
    session?.destroy();
  }
}
