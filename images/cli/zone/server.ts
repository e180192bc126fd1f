import { lookup } from 'node:dns/promises';
import { query, type ServerDevices } from '../../../shared/components/dns-update/server.ts';
import type { Endpoint } from '../../../shared/devices/tcp.ts';
import { createAddressLookup } from '../../../shared/host/address-lookup.ts';
import { createHostClock } from '../../../shared/host/clock.ts';
import { createHostLog } from '../../../shared/host/log.ts';
import { createHostRandom } from '../../../shared/host/random.ts';
import { createHostResolver } from '../../../shared/host/resolver.ts';
import { createHostTcp } from '../../../shared/host/tcp.ts';
import { createHostUdp } from '../../../shared/host/udp.ts';
import type { Message, Question } from '../../../shared/protocols/dns/message.ts';

const DNS_PORT = 53;

/** Whether `text` names a server, and not a file. */
export function namesServer(text: string): boolean {
  return text.startsWith('dns:');
}

/** A server as a person writes it, RFC 4501 §3: `dns://host[:port]`. @throws Error for people. */
export async function locateServer(text: string): Promise<Endpoint> {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol !== 'dns:' || url.hostname === '' || !/^\/?$/.test(url.pathname))
    throw new Error(`'${text}' is no server; write dns://HOST, with :PORT if it is not ${DNS_PORT}`);
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const { address } = await lookup(host).catch((cause: unknown) => {
    throw new Error(`there is no address for the server ${host}`, { cause });
  });
  return { host: address, port: url.port === '' ? DNS_PORT : Number(url.port) };
}

/** What a command asks servers with. */
export function dnsDevices(): ServerDevices {
  const random = createHostRandom();
  const log = createHostLog({ level: 'error' });
  return {
    clock: createHostClock(),
    random,
    tcp: createHostTcp(createAddressLookup(createHostResolver({ random }))),
    udp: createHostUdp({ entry: new URL(import.meta.url), planes: {}, log }),
  };
}

/** Asks that server one question at a time or several. */
export function askServer(server: Endpoint): (question: Question) => Promise<Message> {
  const devices = dnsDevices();
  return question => query(server, question, devices);
}
