import { concatBytes, parseHex } from '../../../base/bytes.ts';
import { parseName, type Name } from '../name.ts';

/** A zone whose keys are trusted by configuration: the data of DS records. */
export interface TrustAnchor {
  readonly apex: Name;
  readonly ds: readonly Uint8Array[];
}

/** RFC 9718 §2 and IANA's root-anchors.xml: the keys of 2017 and of 2024. New ones come with a new version: see the README. */
export const ROOT_ANCHOR: TrustAnchor = {
  apex: [],
  ds: [
    dsOf(20_326, 'e06d44b80b8f1d39a95c0b0d7c65d08458e880409bbc683457104237c7f8ec8d'),
    dsOf(38_696, '683d2d0acb8c9b712a1948b27f741219298d0a450d612c483af444a4c0fb2b16'),
  ],
};

/** RFC 4034 §5.1, of an RSA key (8) and by SHA-256 (2). */
function dsOf(keyTag: number, digest: string): Uint8Array {
  return concatBytes([Uint8Array.of(keyTag >>> 8, keyTag & 0xff, 8, 2), parseHex(digest) as Uint8Array]);
}

export interface RootServer {
  readonly name: Name;
  readonly addresses: readonly string[];
}

/** IANA's named.root, as of 2023-11-27; the zone itself tells of changes (RFC 9609), so one right address is enough. */
export const ROOT_SERVERS: readonly RootServer[] = [
  rootServer('a', '198.41.0.4', '2001:503:ba3e::2:30'),
  rootServer('b', '170.247.170.2', '2801:1b8:10::b'),
  rootServer('c', '192.33.4.12', '2001:500:2::c'),
  rootServer('d', '199.7.91.13', '2001:500:2d::d'),
  rootServer('e', '192.203.230.10', '2001:500:a8::e'),
  rootServer('f', '192.5.5.241', '2001:500:2f::f'),
  rootServer('g', '192.112.36.4', '2001:500:12::d0d'),
  rootServer('h', '198.97.190.53', '2001:500:1::53'),
  rootServer('i', '192.36.148.17', '2001:7fe::53'),
  rootServer('j', '192.58.128.30', '2001:503:c27::2:30'),
  rootServer('k', '193.0.14.129', '2001:7fd::1'),
  rootServer('l', '199.7.83.42', '2001:500:9f::42'),
  rootServer('m', '202.12.27.33', '2001:dc3::35'),
];

function rootServer(letter: string, ...addresses: readonly string[]): RootServer {
  const name = parseName(`${letter}.root-servers.net`);
  return { name: name.ok ? name.value : [], addresses };
}
