import type { NetworkWorld, Seen } from './network-world.ts';

/** T1 and T2 as told by the server, in seconds. */
const RENEWAL_SECONDS = 4;
const REBINDING_SECONDS = 8;
/** dnsmasq gives no shorter one. */
const LEASE_SECONDS = 120;
/** The client's own wait between two requests is at most a minute, and a busy machine is late. */
const SLACK_MS = 20_000;
const SERVE = [
  `--dhcp-range=192.0.2.50,192.0.2.60,${LEASE_SECONDS}`,
  `--dhcp-option-force=option:T1,${RENEWAL_SECONDS}`,
  `--dhcp-option-force=option:T2,${REBINDING_SECONDS}`,
  // It takes over a lease that another server gave.
  '--dhcp-authoritative',
];
const BY_ALL = 'REQUEST to 255.255.255.255';

/** A lease is got, renewed with its server, and, when that has gone, with another one. Gives the address. @throws Error */
export async function renewAndRebind(world: NetworkWorld): Promise<string> {
  await world.serve(SERVE);
  world.join({ ipv6: 'off' });
  const address = leased(await world.until(seen => leased(seen) !== undefined)) ?? '';
  await world.untilHeard(BY_ALL);
  await world.untilHeard('REQUEST to 192.0.2.1');
  await world.untilLogged(/DHCPREQUEST[^]*DHCPACK[^]*DHCPREQUEST[^]*DHCPACK/);
  await world.stopServing();
  world.moveServer('192.0.2.2/24');
  await world.serve(SERVE);
  // RFC 2131 §4.4.5: at T1 the client asks the server that is no more, and nobody hears it; at T2 everybody does.
  await world.untilHeard(BY_ALL, REBINDING_SECONDS * 1_000 + SLACK_MS);
  await world.untilLogged(new RegExp(`DHCPACK\\(lan\\) ${address}`));
  await world.untilHeard('REQUEST to 192.0.2.2');
  return address;
}

/** Nobody renews the lease: the address is given up when it ends, which is told, and taken again from who comes then. @throws Error */
export async function expire(
  world: NetworkWorld,
  address: string,
): Promise<{ readonly keptSeconds: number }> {
  await world.untilLogged(new RegExp(`DHCPACK\\(lan\\) ${address}`));
  await world.stopServing();
  const startMs = performance.now();
  await world.until(seen => !seen.addresses.includes(address), LEASE_SECONDS * 1_000 + SLACK_MS);
  const keptSeconds = Math.round((performance.now() - startMs) / 1_000);
  await world.until(seen => seen.faults.includes('eth0: no IPv4 address: the lease ran out'));
  await world.untilHeard('DISCOVER to 255.255.255.255');
  if (world.ip('address', 'show', 'eth0').includes(address)) throw new Error(`the kernel keeps ${address}`);
  await world.serve(SERVE);
  await world.until(seen => leased(seen) !== undefined && seen.faults.length === 0, 64_000 + SLACK_MS);
  return { keptSeconds };
}

function leased(seen: Seen): string | undefined {
  return seen.addresses.find(each => /^192\.0\.2\.(5\d|60)$/.test(each));
}
