import type { SigningKey } from '../../dnssec/signing-key.ts';
import { Internet, SIGNED_AT_SECONDS, type ZoneOptions } from './internet.ts';

/** The servers of one zone: `ns.<zone>` at the address. */
export function servedAt(zone: string, address: string): Pick<ZoneOptions, 'servers'> {
  return { servers: [[`ns.${zone}`, address]] };
}

const CONTENT = `
www    A 198.51.100.1
www    TXT "hello"
*.wild A 198.51.100.2
a.empty A 198.51.100.3
alias  CNAME www
far    CNAME www.plain.test.
gone   CNAME nothing
loop   CNAME pool
pool   CNAME loop
old    DNAME new
host.new A 198.51.100.4
`;

/** A root, a top-level domain and below it a zone of each kind. All tests of the resolver ask about them. `at`: the address of each server. */
export function household(
  makeKey: () => SigningKey,
  at = (host: number): string => `192.0.2.${host}`,
): Internet {
  const wrong = (ds: Uint8Array): Uint8Array => ds.with(ds.length - 1, (ds.at(-1) as number) ^ 1);
  const unknownAlgorithm = (ds: Uint8Array): Uint8Array => ds.with(2, 200);
  const internet = new Internet(makeKey)
    .zone('.', '', { denial: 'nsec', ...servedAt('root-servers', at(1)) })
    .zone('test', 'late A 198.51.100.9', { denial: 'nsec', ...servedAt('test', at(2)) })
    .zone('nsec.test', CONTENT, { denial: 'nsec', ...servedAt('nsec.test', at(3)) })
    .zone('nsec3.test', CONTENT, { denial: 'nsec3', ...servedAt('nsec3.test', at(4)) })
    .zone('plain.test', CONTENT, servedAt('plain.test', at(5)))
    .zone('island.test', CONTENT, { denial: 'nsec', isIsland: true, ...servedAt('island.test', at(6)) })
    .zone('unknown.test', CONTENT, {
      denial: 'nsec',
      ds: unknownAlgorithm,
      ...servedAt('unknown.test', at(7)),
    })
    .zone('bogus.test', CONTENT, { denial: 'nsec', ds: wrong, ...servedAt('bogus.test', at(8)) })
    .zone('expired.test', CONTENT, {
      denial: 'nsec',
      policy: { expirationSeconds: () => SIGNED_AT_SECONDS + 60 },
      ...servedAt('expired.test', at(9)),
    })
    .zone('early.test', CONTENT, {
      denial: 'nsec',
      policy: { inceptionSeconds: SIGNED_AT_SECONDS + 86_400 },
      ...servedAt('early.test', at(10)),
    });
  return internet
    .zone('same.test', CONTENT, { denial: 'nsec', ...servedAt('same.test', at(2)) })
    .zone('beside.test', CONTENT, servedAt('beside.test', at(2)))
    .zone('sub.nsec3.test', CONTENT, { denial: 'nsec', ...servedAt('sub.nsec3.test', at(4)) })
    .zone('glueless.test', CONTENT, { denial: 'nsec', servers: [['host.away.test', at(11)]] })
    .zone('away.test', `host A ${at(11)}`, servedAt('away.test', at(12)))
    .zone('short.test', CONTENT, { denial: 'nsec', ttlSeconds: 0, ...servedAt('short.test', at(13)) })
    .zone('left.test', CONTENT, { servers: [['ns.right.test', at(14)]] })
    .zone('right.test', CONTENT, { servers: [['ns.left.test', at(14)]] })
    .zone('two.test', CONTENT, {
      denial: 'nsec',
      servers: [
        ['ns1.two.test', at(15)],
        ['ns2.two.test', at(16)],
      ],
    })
    .open();
}
