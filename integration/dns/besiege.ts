import { assert } from '../../shared/base/assert.ts';
import { concatBytes, encodeUtf8, viewOf } from '../../shared/base/bytes.ts';
import type { Clock } from '../../shared/devices/clock.ts';
import type { Devices } from '../../shared/devices/devices.ts';
import { checkReply } from '../../shared/protocols/dns/answer/testing/check-reply.ts';
import { encodeAsked, name } from '../../shared/protocols/dns/answer/testing/ask.ts';
import { RCODE, TYPE } from '../../shared/protocols/dns/message.ts';
import { frameMessage, MessageFrames } from '../../shared/protocols/dns/message-frames.ts';
import { World } from '../../shared/simulation/world.ts';
import { dnsServiceConfiguration } from '../../services/dns-service/config.ts';
import { STREAM_IDLE_MAX_MS } from '../../services/dns-service/limits.ts';
import { dnsServicePlanes } from '../../services/dns-service/planes.ts';
import { createDnsService } from '../../services/dns-service/service.ts';

const ZONE = [
  '$TTL 60',
  '@ SOA ns hostmaster 1 1d 2h 4w 5m',
  '@ NS ns',
  'ns A 192.0.2.1',
  'www A 192.0.2.2',
  'alias CNAME www',
  '*.wild A 192.0.2.3',
  'sub NS ns.sub',
  'ns.sub A 192.0.2.4',
  '$GENERATE 1-60 long TXT "text number $ of many that do not fit a datagram"',
].join('\n');

const REQUESTS_A_CONNECTION = 50;
/** The longest of the plane's slots; the network would carry no more either. */
const DATAGRAM_MAX_BYTES = 2_048;
/** By ids of two bytes. */
const REQUESTS_MAX = 0xffff;

type Client = Pick<Devices, 'tcp' | 'udp' | 'clock'>;

/** What the replies to numbered requests are held against. */
class Expected {
  readonly #requests: readonly Uint8Array[];
  replies = 0;

  constructor(requests: readonly Uint8Array[]) {
    assert(requests.length < REQUESTS_MAX, 'every request has an id of its own');
    this.#requests = requests;
  }

  check(reply: Uint8Array, transport: 'udp' | 'stream'): void {
    const request = this.#requests[viewOf(reply).getUint16(0)];
    assert(request !== undefined, 'a reply has the id of a request');
    checkReply(request, reply, transport);
    this.replies++;
  }
}

/**
 * Puts all requests to the whole service in a simulated world, by UDP and by TCP, where broken frames follow them. How many replies there
 * were. @throws where a reply is none that may be sent, where anything fails, and where the service does not answer afterwards.
 */
export async function besiege(seed: string, requests: readonly Uint8Array[]): Promise<number> {
  const troubles: string[] = [];
  const world = new World(seed, { sink: line => void (line.includes(' threw ') && troubles.push(line)) });
  const content = new Map([['/content/dns-service/zones/example.zone', encodeUtf8(ZONE)]]);
  const { address, devices } = world.host('server', { planes: dnsServicePlanes, content });
  devices.addLogSink(({ level, message }) => void (level === 'error' && troubles.push(message)));
  const health = { degrade: (key: string) => void troubles.push(key), recover: () => undefined };
  const zones = [{ name: 'example', denial: 'nsec3', algorithm: 15 }];
  const config = dnsServiceConfiguration.parse({ zones });
  const client = world.host('client').devices;
  const numbered = requests.map(withId);
  const expected = new Expected(numbered);
  await world.run(async () => {
    await using service = createDnsService(config, devices, { health, contentFolder: '/content' });
    await service.start(new AbortController().signal);
    await askByUdp(client, address, numbered, expected);
    await askByTcp(client, address, numbered, expected);
    // Whoever is left on a broken frame is shown out.
    await client.clock.sleep(STREAM_IDLE_MAX_MS + 2_000);
    const open = service
      .status?.()
      .flatMap(({ rows }) => rows)
      .find(([label]) => label === 'By TCP')?.[1];
    assert(open?.includes(' 0 of them open') === true, `no connection is left: ${open}`);
    await isAnswering(client, address);
  });
  assert(troubles.length === 0, troubles.join('\n'));
  return expected.replies;
}

function withId(request: Uint8Array, index: number): Uint8Array {
  const copy = request.slice();
  if (copy.length >= 2) viewOf(copy).setUint16(0, index);
  return copy;
}

async function askByUdp(
  client: Client,
  host: string,
  requests: readonly Uint8Array[],
  expected: Expected,
): Promise<void> {
  await using socket = await client.udp.bind({ host: '0.0.0.0', port: 0, queueMax: 2 * requests.length });
  for (const request of requests) {
    if (request.length <= DATAGRAM_MAX_BYTES) await socket.send(request, { host, port: 53 });
    await client.clock.sleep(1);
  }
  const end = signalAfter(client.clock, 1_000);
  for (;;) {
    const datagram = await socket.receive(end).catch(() => undefined);
    if (datagram === undefined) return;
    expected.check(datagram.bytes, 'udp');
  }
}

function signalAfter(clock: Clock, ms: number): AbortSignal {
  const controller = new AbortController();
  clock.timer(ms, () => controller.abort());
  return controller.signal;
}

async function askByTcp(
  client: Client,
  host: string,
  requests: readonly Uint8Array[],
  expected: Expected,
): Promise<void> {
  for (let from = 0; from < requests.length; from += REQUESTS_A_CONNECTION) {
    const some = requests.slice(from, from + REQUESTS_A_CONNECTION);
    const flow = await client.tcp.connect({ host, port: 53 });
    const frames = new MessageFrames();
    const ended = new Promise<void>(resolve => flow.once('close', () => resolve()));
    flow.on('error', () => undefined);
    flow.on('data', (piece: Uint8Array) => {
      for (const reply of frames.take(piece)) expected.check(reply, 'stream');
    });
    flow.on('end', () => void flow.end());
    // Behind them a frame that never becomes whole.
    flow.write(concatBytes([...some.map(frameMessage), Uint8Array.of(0xff, 0xff, 1, 2, 3)]));
    if ((from / REQUESTS_A_CONNECTION) % 2 === 0) flow.end();
    else await client.clock.sleep(500);
    if (flow.writableEnded) await ended;
  }
}

async function isAnswering(client: Client, host: string): Promise<void> {
  await using socket = await client.udp.bind({ host: '0.0.0.0', port: 0 });
  await socket.send(encodeAsked({ name: name('www.example'), type: TYPE.A }), { host, port: 53 });
  const { bytes } = await socket.receive(signalAfter(client.clock, 5_000));
  assert(((bytes[3] as number) & 0xf) === RCODE.NOERROR, 'it answers afterwards');
}
