import { readFile } from 'node:fs/promises';
import { isIP } from 'node:net';
import type { Resolver } from '../devices/resolver.ts';
import type { AddressLookup } from './tcp-connect.ts';

// RFC 8305 §3: when the IPv4 answer is first, the IPv6 one is waited for 50 ms more (the Resolution Delay).
const RESOLUTION_DELAY_MS = 50;

/** A name's addresses from the hosts file, else from `resolver`, IPv6 before IPv4. */
export function createAddressLookup(
  resolver: Resolver,
  readHosts: () => Promise<string> = readSystemHosts,
): AddressLookup {
  return async (name, signal) => {
    const plain = name.toLowerCase().replace(/\.$/, '');
    // RFC 6761 §6.3: localhost and names below it are the loopback addresses; no server is asked.
    if (plain === 'localhost' || plain.endsWith('.localhost')) return ['::1', '127.0.0.1'];
    const listed = addressesInHosts(await readHosts(), plain);
    return listed.length > 0 ? listed : await ask(resolver, plain, signal);
  };
}

async function ask(resolver: Resolver, name: string, signal: AbortSignal): Promise<string[]> {
  const six = resolver.resolve(name, 'AAAA', signal).then(({ records }) => [...records]);
  const four = resolver.resolve(name, 'A', signal).then(({ records }) => [...records]);
  // Both are looked at below, but perhaps not before one of them fails.
  six.catch(() => undefined);
  const fours = await four.catch(() => undefined);
  if (fours === undefined) return await six.catch(() => four);
  if (fours.length === 0) return await six;
  // DEVIATES from RFC 8305 §3: an IPv6 answer that comes later still is left out, not taken in while IPv4 is tried: a lookup
  // gives one list, and the next connection asks again.
  return [...(await Promise.race([six.catch(() => []), delay()])), ...fours];
}

function delay(): Promise<string[]> {
  return new Promise(resolve => setTimeout(resolve, RESOLUTION_DELAY_MS, []));
}

/** hosts(5): address, then names; the first line that has the name gives one address of its family, and so on. */
function addressesInHosts(text: string, name: string): string[] {
  const lines = text.split('\n').map(line => line.replace(/#.*/, '').trim().toLowerCase().split(/\s+/));
  return lines.flatMap(([address = '', ...names]) =>
    isIP(address) !== 0 && names.includes(name) ? [address] : [],
  );
}

function readSystemHosts(): Promise<string> {
  return readFile('/etc/hosts', 'utf8').catch(() => '');
}
