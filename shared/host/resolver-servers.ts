import { readFile } from 'node:fs/promises';
import { isIP } from 'node:net';
import type { Endpoint } from '../devices/tcp.ts';

export interface NameServers {
  /** In the order in which they are asked. */
  readonly servers: readonly Endpoint[];
  /** Their AD bit may be believed: they validate, and nobody stands between us and them. */
  readonly trusted: boolean;
}

const DNS_PORT = 53;

/** resolv.conf(5): more than three name servers are ignored. */
const SERVERS_MAX = 3;

/** The servers of /etc/resolv.conf; none where there is no such file. */
export async function readSystemServers(): Promise<NameServers> {
  return parseResolvConf(await readFile('/etc/resolv.conf', 'utf8').catch(() => ''));
}

/** `nameserver` lines and `options trust-ad`; search lists are not used: names are always full. */
export function parseResolvConf(text: string): NameServers {
  const lines = text.split('\n').map(line =>
    line
      .replace(/[#;].*/, '')
      .trim()
      .split(/\s+/),
  );
  const servers = lines
    .filter(([word, host = '']) => word === 'nameserver' && isIP(host) !== 0)
    .map(([, host = '']) => ({ host, port: DNS_PORT }));
  // resolv.conf(5): without trust-ad the AD bit in answers must not be believed.
  const trusted = lines.some(([word, ...options]) => word === 'options' && options.includes('trust-ad'));
  return { servers: servers.slice(0, SERVERS_MAX), trusted };
}
