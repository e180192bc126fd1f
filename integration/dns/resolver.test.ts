import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  createValidatingResolver,
  type ValidatingResolver,
} from '../../shared/components/resolver/resolver.ts';
import { createHostClock } from '../../shared/host/clock.ts';
import { createHostRandom } from '../../shared/host/random.ts';
import { createHostTcp } from '../../shared/host/tcp.ts';
import { createHostUdp } from '../../shared/host/udp.ts';
import { encodeAsked, name } from '../../shared/protocols/dns/answer/testing/ask.ts';
import { ALGORITHM } from '../../shared/protocols/dns/dnssec/dnskey.ts';
import { decodeMessage, FLAG, formatRcode, RCODE, TYPE } from '../../shared/protocols/dns/message.ts';
import { canonicalData, dataFromMessage } from '../../shared/protocols/dns/record-types/wire.ts';
import { household } from '../../shared/protocols/dns/resolver/testing/household.ts';
import { SIGNED_AT_SECONDS } from '../../shared/protocols/dns/resolver/testing/internet.ts';
import { ADDRESSES } from '../../shared/protocols/dns/resolver/testing/told.ts';
import { Prng } from '../../shared/simulation/prng.ts';
import { seededSigningKey } from '../../shared/simulation/signing-key.ts';
import { createScratch } from '../images/scratch.ts';
import { lastingPort } from '../lasting-port.ts';
import { askResolver } from './ask-once.ts';
import { ResolverPeers } from './resolver-peers.ts';

/** NSD has the root, Knot a zone and some of those below it, BIND, which wants an address of an interface, the rest. All at port 53. */
const NSD = '127.53.0.1';
const KNOT = '127.53.0.2';
const BIND = '127.0.0.1';
const AT_KNOT: ReadonlySet<number> = new Set([2, 4]);
const nowMs = (SIGNED_AT_SECONDS + 3_600) * 1_000;
const prng = new Prng('resolver peers');
const internet = household(
  () => seededSigningKey(prng, { algorithm: ALGORITHM.ECDSAP256SHA256, ksk: true }),
  host => (host === 1 ? NSD : AT_KNOT.has(host) ? KNOT : BIND),
);

const world = new AsyncDisposableStack();
let port: number;
let resolver: ValidatingResolver;
let forwarding: ValidatingResolver;

beforeAll(async () => {
  const scratch = world.use(await createScratch());
  const peers = world.use(new ResolverPeers(scratch.path));
  port = await lastingPort();
  await Promise.all([
    peers.nsd(NSD, internet.zonesAt(NSD)),
    peers.knot(KNOT, internet.zonesAt(KNOT)),
    peers.bind(BIND, internet.zonesAt(BIND)),
    peers.unbound(port, { roots: internet.rootServers(), anchor: internet.anchor('.'), nowMs }),
  ]);
  const log = { error: () => undefined, warn: () => undefined } as never;
  const devices = {
    udp: createHostUdp({ entry: import.meta.url, planes: {}, log }),
    tcp: createHostTcp(() => Promise.reject(new Error('servers are connected to by their addresses'))),
    clock: { ...createHostClock(), now: () => nowMs },
    secureRandom: createHostRandom(),
  };
  const anchors = [internet.anchor('.')];
  resolver = createValidatingResolver({ rootServers: internet.rootServers(), anchors }, devices);
  forwarding = createValidatingResolver({ forwarders: [{ host: '127.0.0.1', port }], anchors }, devices);
  world.use(resolver);
  world.use(forwarding);
});

afterAll(() => world.disposeAsync());

/** The rcode, whether it is proven, and the records at the end of the aliases. */
async function answerOf(by: ValidatingResolver, asked: string, type: number): Promise<string> {
  const resolution = await by.lookUp(name(asked), type);
  if (resolution.kind !== 'answered') return 'SERVFAIL';
  const { exists, secure, rrset } = resolution;
  return line(exists ? RCODE.NOERROR : RCODE.NXDOMAIN, secure, rrset?.data ?? [], type);
}

type Answering = (asked: string, type: number) => Promise<string>;
const ours: Answering = (asked, type) => answerOf(resolver, asked, type);
const through: Answering = (asked, type) => answerOf(forwarding, asked, type);

async function unbounds(asked: string, type: number): Promise<string> {
  const query = encodeAsked({ name: name(asked), type, edns: { dnssecOk: true }, flags: FLAG.RD });
  const reply = await askResolver(port, query);
  const message = decodeMessage(reply ?? new Uint8Array());
  if (!message.ok) throw new Error(`unbound, ${asked}: ${message.error}`);
  const { rcode, flags, answers, bytes } = message.value;
  if (rcode === RCODE.SERVFAIL) return 'SERVFAIL';
  const data = answers
    .filter(record => record.type === type)
    .map(record => dataFromMessage(bytes, type, record.dataStart, record.dataEnd))
    .flatMap(read => (read.ok ? [read.value] : []));
  return line(rcode, (flags & FLAG.AD) !== 0, data, type);
}

function line(rcode: number, secure: boolean, data: readonly Uint8Array[], type: number): string {
  const records = data.map(one => canonicalData(type, one).toHex()).sort();
  return [formatRcode(rcode), secure ? 'secure' : 'insecure', ...records].join(' ');
}

const ZONES = [
  ...['nsec.test', 'nsec3.test', 'plain.test', 'island.test', 'unknown.test', 'bogus.test', 'expired.test'],
  ...['early.test', 'same.test', 'beside.test', 'sub.nsec3.test', 'glueless.test', 'short.test', 'two.test'],
];

describe('the validating resolver answers as Unbound does', () => {
  it.each(ZONES)('in %s, by servers of NSD, Knot and BIND, and through Unbound itself', async zone => {
    const questions = [
      ...ADDRESSES.map(([owner]) => [`${owner}.${zone}`, TYPE.A] as const),
      ...['www', 'alias', 'empty', 'x.wild', 'absent', 'far'].map(
        owner => [`${owner}.${zone}`, TYPE.TXT] as const,
      ),
      ...[TYPE.SOA, TYPE.NS, TYPE.DNSKEY, TYPE.DS, TYPE.MX].map(type => [zone, type] as const),
      [`old.${zone}`, TYPE.DNAME] as const,
      // But not for the CNAME that a DNAME stands for: Unbound 1.17 finds that bogus when it is asked for itself.
      [`alias.${zone}`, TYPE.CNAME] as const,
      [`loop.${zone}`, TYPE.CNAME] as const,
    ];
    const told = async (by: Answering): Promise<string[]> =>
      await Promise.all(questions.map(async ([owner, type]) => `${owner} ${type}: ${await by(owner, type)}`));
    const right = await told(unbounds);
    expect(await told(ours)).toEqual(right);
    expect(await told(through)).toEqual(right);
  });

  it('of names that there are not at all', async () => {
    for (const asked of ['absent', 'a.b.c.absent', 'absent.test', 'www.left.test'])
      expect([asked, await ours(asked, TYPE.A)]).toEqual([asked, await unbounds(asked, TYPE.A)]);
  });
});
