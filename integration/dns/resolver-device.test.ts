import { describe, expect, it } from 'vitest';
import {
  createValidatingResolver,
  type ValidatingResolver,
  type ValidatingResolverOptions,
} from '../../shared/components/resolver/resolver.ts';
import { complianceZone, describeResolver, type ZoneRecord } from '../../shared/compliance/resolver.ts';
import type { RecordData } from '../../shared/devices/resolver.ts';
import { createHostClock } from '../../shared/host/clock.ts';
import { createHostRandom } from '../../shared/host/random.ts';
import { createHostTcp } from '../../shared/host/tcp.ts';
import { createHostUdp } from '../../shared/host/udp.ts';
import { formatHex } from '../../shared/base/bytes.ts';
import { ALGORITHM } from '../../shared/protocols/dns/dnssec/dnskey.ts';
import { household } from '../../shared/protocols/dns/resolver/testing/household.ts';
import { Internet, SIGNED_AT_SECONDS } from '../../shared/protocols/dns/resolver/testing/internet.ts';
import { Prng } from '../../shared/simulation/prng.ts';
import { seededSigningKey } from '../../shared/simulation/signing-key.ts';
import { startNameServer, type Answering } from './name-server.ts';

const ADDRESS = '127.0.0.1';
const prng = new Prng('resolver device');
const random = createHostRandom();
const log = { error: () => undefined, warn: () => undefined } as never;
const devices = {
  udp: createHostUdp({ entry: import.meta.url, planes: {}, log }),
  tcp: createHostTcp(() => Promise.reject(new Error('servers are connected to by their addresses'))),
  clock: { ...createHostClock(), now: () => (SIGNED_AT_SECONDS + 3_600) * 1_000 },
  secureRandom: random,
};

async function open(
  answer: Answering,
  options: (port: number) => ValidatingResolverOptions,
): Promise<{ resolver: ValidatingResolver } & AsyncDisposable> {
  const server = await startNameServer(answer);
  const resolver = createValidatingResolver(options(server.port), devices);
  return {
    resolver,
    async [Symbol.asyncDispose]() {
      await resolver[Symbol.asyncDispose]();
      await server[Symbol.asyncDispose]();
    },
  };
}

/** Names are whole. */
const formats: { readonly [T in keyof RecordData]: (data: RecordData[T]) => string } = {
  A: address => address,
  AAAA: address => address,
  NS: target => `${target}.`,
  MX: ({ preference, exchange }) => `${preference} ${exchange}.`,
  TXT: strings => strings.map(text => JSON.stringify(text)).join(' '),
  SRV: ({ priority, weight, port, target }) => `${priority} ${weight} ${port} ${target}.`,
  CAA: ({ flags, tag, value }) => `${flags} ${tag} "${value}"`,
  TLSA: ({ usage, selector, matchingType, data }) =>
    `${usage} ${selector} ${matchingType} ${formatHex(data)}`,
  DS: ({ keyTag, algorithm, digestType, digest }) =>
    `${keyTag} ${algorithm} ${digestType} ${formatHex(digest)}`,
  CNAME: target => `${target}.`,
  PTR: target => `${target}.`,
};

function line({ name, type, data }: ZoneRecord): string {
  const format = formats[type] as (data: ZoneRecord['data']) => string;
  return `${name}. ${type} ${format(data)}`;
}

/** All of it in the root zone but `mail.test`, whose NS records make it a zone of its own; nobody has the zone `fault.test`. */
function complianceInternet(): Internet {
  const here = complianceZone.filter(({ type }) => type !== 'NS').map(line);
  const isMail = (text: string): boolean => /^([^ ]*\.)?mail\.test\. /.test(text);
  const root = [
    ...here.filter(text => !isMail(text)),
    `signed.test. NS ns.test.`,
    `fault.test. NS ns.test.`,
    `ns.test. A ${ADDRESS}`,
  ];
  return new Internet(() => seededSigningKey(prng, { algorithm: ALGORITHM.ED25519, ksk: true }))
    .zone('.', root.map(text => text.replace(/ /, ' 300 ')).join('\n'), {
      servers: [['ns', ADDRESS]],
      ttlSeconds: 300,
    })
    .zone('mail.test', here.filter(isMail).join('\n'), { servers: [['ns.test', ADDRESS]], ttlSeconds: 300 })
    .open();
}

const compliance = complianceInternet();
describeResolver('the validating resolver', () =>
  open(
    (transport, query) => compliance.answer(ADDRESS, transport, query),
    port => ({ rootServers: compliance.rootServers(), anchors: [], port }),
  ),
);

const world = household(() => seededSigningKey(prng, { algorithm: ALGORITHM.ED25519, ksk: true }));
const forwarding = (): ReturnType<typeof open> =>
  open(
    (_, query) => world.recurse(query),
    port => ({ forwarders: [{ host: ADDRESS, port }], anchors: [world.anchor('.')] }),
  );

describe('the validating resolver', () => {
  it('says what is secure', async () => {
    await using opened = await forwarding();
    const { resolver } = opened;
    expect(await resolver.resolve('www.nsec.test', 'A')).toMatchObject({
      records: ['198.51.100.1'],
      secure: true,
    });
    expect(await resolver.resolve('absent.nsec3.test', 'CAA')).toMatchObject({ exists: false, secure: true });
    expect(await resolver.resolve('www.plain.test', 'A')).toMatchObject({ secure: false });
  });

  it('says in words what is bogus', async () => {
    await using opened = await forwarding();
    await expect(opened.resolver.resolve('www.expired.test', 'A')).rejects.toThrow(
      'A of www.expired.test: the signature of DNSKEY of expired.test does not hold: the signature has expired',
    );
  });

  it('gives up in time where nobody answers', async () => {
    await using opened = await open(
      () => undefined,
      port => ({ forwarders: [{ host: ADDRESS, port }], deadlineMs: 100 }),
    );
    await expect(opened.resolver.resolve('www.nsec.test', 'A')).rejects.toMatchObject({ kind: 'timed-out' });
  });

  it('stops when it is told to, and when it is closed', async () => {
    await using opened = await open(
      () => undefined,
      port => ({ forwarders: [{ host: ADDRESS, port }] }),
    );
    const stop = new AbortController();
    const aborted = opened.resolver.resolve('www.nsec.test', 'A', stop.signal);
    const waiting = opened.resolver.resolve('www.plain.test', 'A');
    stop.abort(new Error('enough'));
    await expect(aborted).rejects.toThrow('enough');
    const ended = expect(waiting).rejects.toMatchObject({ kind: 'closed' });
    await opened.resolver[Symbol.asyncDispose]();
    await ended;
    await expect(opened.resolver.resolve('www.nsec.test', 'A')).rejects.toMatchObject({ kind: 'closed' });
  });
});
