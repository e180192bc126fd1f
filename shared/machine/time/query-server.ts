import { createSocket } from 'node:dgram';
import { randomBytes } from 'node:crypto';
import { Resolver } from 'node:dns/promises';
import { isIP } from 'node:net';
import { COOKIE_BYTES, decodeReply, encodeRequest, NTP_PORT } from '../../protocols/sntp/packet.ts';
import type { Sample } from '../../protocols/sntp/selection.ts';
import { sampleOf } from '../../protocols/sntp/selection.ts';

/** An answer that takes longer tells too little of the time (see the selection's own bound). */
const ANSWER_TIMEOUT_MS = 3_000;
const NAME_TIMEOUT_MS = 2_000;
const NAME_TRIES = 2;

/**
 * Asks one server once. `nameServers` resolve its name. @throws Error with a sentence on silence, a refusal or an
 * unknown name.
 */
export async function queryServer(
  server: string,
  nameServers: readonly string[],
  signal: AbortSignal,
): Promise<Sample> {
  const address = isIP(server) === 0 ? await resolveName(server, nameServers) : server;
  const cookie = randomBytes(COOKIE_BYTES);
  const socket = createSocket(isIP(address) === 6 ? 'udp6' : 'udp4');
  try {
    return await new Promise<Sample>((resolve, reject) => {
      const wallStartMs = Date.now();
      const startMs = performance.now();
      // By the monotonic clock from one reading of the wall clock: a step in between does not spoil the sample.
      const now = (): number => wallStartMs + performance.now() - startMs;
      const give = (reason: string): void => reject(new Error(`${server}: ${reason}`));
      const timer = setTimeout(() => give('no answer'), ANSWER_TIMEOUT_MS);
      const onAbort = (): void => give('no longer wanted');
      signal.addEventListener('abort', onAbort, { once: true });
      socket.once('close', () => {
        clearTimeout(timer);
        signal.removeEventListener('abort', onAbort);
      });
      socket.once('error', error => give(error.message));
      // A connected socket takes packets of this server's address and port alone.
      socket.connect(NTP_PORT, address, () => {
        const sentMs = now();
        socket.on('message', packet => {
          const receivedMs = now();
          const reply = decodeReply(packet, cookie, receivedMs);
          if (reply.ok) resolve(sampleOf(server, { sentMs, receivedMs }, reply.value));
          else if (reply.error.kind === 'kiss-of-death') give(`refuses (${reply.error.code})`);
          else if (reply.error.kind === 'unsynchronised') give('has no time itself');
        });
        socket.send(encodeRequest(cookie), error => error && give(error.message));
      });
    });
  } finally {
    socket.close();
  }
}

async function resolveName(name: string, nameServers: readonly string[]): Promise<string> {
  if (nameServers.length === 0) throw new Error(`${name}: no name server is known yet`);
  const resolver = new Resolver({ timeout: NAME_TIMEOUT_MS, tries: NAME_TRIES });
  resolver.setServers(nameServers.map(server => (isIP(server) === 6 ? `[${server}]` : server)));
  const answers = await Promise.allSettled([resolver.resolve4(name), resolver.resolve6(name)]);
  const addresses = answers.flatMap(answer => (answer.status === 'fulfilled' ? answer.value : []));
  const [first] = addresses;
  if (first === undefined) throw new Error(`${name}: the name has no address`);
  return first;
}
