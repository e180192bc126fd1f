import { describe, expect, it } from 'vitest';
import { renewAndRebind } from './lease-life.ts';
import { createNetworkWorld } from './network-world.ts';

/**
 * An advertisement every 5 s at most, where dnsmasq's default is ten minutes: one that is lost, or comes while the card still looks for
 * duplicates of its own address, is followed by the next. RFC 4861 §6.2.1 allows no less than 4 s.
 */
const OFTEN = '--ra-param=lan,5';
/** Some advertisements, the second in which duplicates are looked for (RFC 4862 §5.1), and a DHCPv6 exchange, on a busy machine. */
const ADVERTISED_MS = 40_000;
/** RFC 2131 §3.1.5: ten seconds after a DHCPDECLINE a client begins anew; then it probes again, for seven at most (RFC 5227 §1.1). */
const DECLINED_MS = 40_000;
/** A renewal after T1, which is 3 s here, is refused, and a lease is taken anew, with seven seconds of probes at most (RFC 5227 §1.1). */
const REFUSED_MS = 60_000;

/** The machine's network against dnsmasq, over a cable between two namespaces. Most of it is waiting: several worlds live at a time. */
describe.concurrent('the network of a machine', () => {
  it('takes address, routes, servers and packet size from DHCP, renews, and moves when refused', async () => {
    await using world = await createNetworkWorld();
    const options = [
      '--dhcp-option=option:dns-server,192.0.2.1',
      '--dhcp-option=option:ntp-server,192.0.2.1',
    ];
    const routes = '--dhcp-option=121,0.0.0.0/0,192.0.2.1,198.51.100.0/24,192.0.2.9';
    const early = ['--dhcp-option-force=option:T1,3', '--dhcp-option-force=26,1400', '--domain=example.org'];
    await world.serve(['--dhcp-range=192.0.2.50,192.0.2.60,2m', ...options, routes, ...early]);
    world.join({ ipv6: 'off' });
    const seen = await world.until(each =>
      each.addresses.some(address => /^192\.0\.2\.(5\d|60)$/.test(address)),
    );
    const before = seen.addresses.find(address => address.startsWith('192.')) ?? '';
    await world.until(
      each => each.nameServers.includes('192.0.2.1') && each.timeServers.includes('192.0.2.1'),
    );
    expect(seen.faults).toEqual([]);
    expect(world.ip('route')).toMatch(
      /default via 192\.0\.2\.1 .*\n[^]*198\.51\.100\.0\/24 via 192\.0\.2\.9/,
    );
    expect(world.ip('address', 'show', 'eth0')).toContain(`${before}/24 brd 192.0.2.255`);
    expect(world.ip('link', 'show', 'eth0')).toContain('mtu 1400');
    expect(world.resolvConf()).toBe('nameserver 192.0.2.1\nsearch example.org\n');

    await world.untilLogged(/DHCPACK[^]*DHCPREQUEST[^]*DHCPACK/);
    // A server that knows nothing of the address says so at the next renewal.
    await world.serve(['--dhcp-range=192.0.2.80,192.0.2.90,2m', '--dhcp-authoritative', ...early]);
    await world.until(
      each => each.addresses.some(address => /^192\.0\.2\.(8\d|90)$/.test(address)),
      REFUSED_MS,
    );
    expect(world.ip('address', 'show', 'eth0')).not.toContain(`${before}/`);
  });

  it('renews with its server by unicast and, when that has gone, with another one by broadcast', async () => {
    await using world = await createNetworkWorld();
    const address = await renewAndRebind(world);
    expect(world.ip('address', 'show', 'eth0')).toContain(`${address}/24`);
  });

  it('declines an address that another host has, and takes the next one (RFC 5227)', async () => {
    await using world = await createNetworkWorld();
    world.ip('link', 'set', 'eth0', 'address', '02:00:00:00:00:0a');
    world.addNeighbour('192.0.2.50/24');
    await world.serve([
      '--dhcp-range=192.0.2.50,192.0.2.60,2m',
      '--no-ping',
      '--dhcp-host=02:00:00:00:00:0a,192.0.2.50',
    ]);
    world.join({ ipv6: 'off' });
    await world.untilLogged(/DHCPACK\(lan\) 192\.0\.2\.50 [^]*DHCPDECLINE\(lan\) 192\.0\.2\.50 /);
    await world.until(each => each.faults.includes('eth0: no IPv4 address: another host uses the address'));
    await world.until(
      each => each.addresses.some(address => /^192\.0\.2\.(5[1-9]|60)$/.test(address)),
      DECLINED_MS,
    );
    expect(world.ip('address', 'show', 'eth0')).not.toContain('192.0.2.50/');
  });

  it('defends its address once against a host that claims it, and gives it up to one that insists', async () => {
    await using world = await createNetworkWorld();
    await world.serve(['--dhcp-range=192.0.2.50,192.0.2.60,2m', '--no-ping']);
    world.join({ ipv6: 'off' });
    const seen = await world.until(each => each.addresses.some(address => address.startsWith('192.0.2.')));
    const address = seen.addresses.find(each => each.startsWith('192.0.2.')) ?? '';
    await world.untilHeard(`ANNOUNCEMENT of ${address}`);
    await world.untilHeard(`ANNOUNCEMENT of ${address}`);
    world.addNeighbour(`${address}/24`);
    world.claim();
    await world.untilNoted(/another host claims the leased address; it is defended/);
    await world.untilHeard(`ANNOUNCEMENT of ${address}`);
    expect(world.ip('address', 'show', 'eth0')).toContain(`${address}/24`);
    world.claim();
    await world.untilLogged(new RegExp(`DHCPDECLINE\\(lan\\) ${address} `));
  });

  it('takes name servers from router advertisements alone (RFC 8106), without DHCP of any kind', async () => {
    await using world = await createNetworkWorld();
    await world.serve([
      '--enable-ra',
      OFTEN,
      '--dhcp-range=2001:db8:1::,ra-only',
      '--dhcp-option=option6:dns-server,[2001:db8:1::53]',
    ]);
    world.join({ ipv4: 'off' });
    const seen = await world.until(
      each =>
        each.addresses.some(address => /^2001:db8:1:.*ff:fe/.test(address)) &&
        each.nameServers.includes('2001:db8:1::53'),
      ADVERTISED_MS,
    );
    expect(seen.faults).toEqual([]);
  });

  it('follows router advertisements: SLAAC, DHCPv6 and name servers, without any IPv4', async () => {
    await using world = await createNetworkWorld();
    await world.serve([
      '--enable-ra',
      OFTEN,
      '--dhcp-range=2001:db8:1::100,2001:db8:1::1ff,slaac,64,10m',
      '--dhcp-option=option6:dns-server,[2001:db8:1::53]',
    ]);
    world.join({ ipv4: 'off' });
    const seen = await world.until(
      each =>
        each.addresses.some(address => /^2001:db8:1::1[0-9a-f]{2}$/.test(address)) &&
        each.addresses.some(address => /^2001:db8:1:.*ff:fe/.test(address)) &&
        each.nameServers.includes('2001:db8:1::53'),
      ADVERTISED_MS,
    );
    expect(seen.faults).toEqual([]);
    expect(world.ip('-6', 'route')).toContain('default via fe80::');
    expect(world.resolvConf()).toBe('nameserver 2001:db8:1::53\n');
  });

  it('takes static addresses of both families, with a gateway outside their network', async () => {
    await using world = await createNetworkWorld();
    world.join({
      ipv4: 'static',
      ipv6: 'static',
      addresses: ['198.51.100.10/32', '2001:db8:2::10/64'],
      gateways: ['172.31.1.1', 'fe80::1'],
      'name-servers': ['9.9.9.9'],
    });
    const wanted = ['198.51.100.10', '2001:db8:2::10'];
    await world.until(each => wanted.every(address => each.addresses.includes(address)));
    expect(world.ip('route')).toContain('default via 172.31.1.1 dev eth0');
    expect(world.ip('-6', 'route')).toContain('default via fe80::1 dev eth0');
    expect(world.resolvConf()).toBe('nameserver 9.9.9.9\n');
  });

  it('without a DHCP server stays up and names the fault', async () => {
    await using world = await createNetworkWorld();
    world.join({});
    const seen = await world.until(each => each.faults.length > 0 && !each.faults.join().includes('cable'));
    expect(seen.faults).toEqual(['eth0: no DHCP server has answered yet']);
  });
});
