import { afterEach, describe, expect, it } from 'vitest';
import type { Endpoint } from '../../../shared/devices/tcp.ts';
import { encodeMessage, headerFlags } from '../../../shared/protocols/dns/encode-message.ts';
import {
  CLASS_IN,
  decodeMessage,
  FLAG,
  OPCODE,
  opcodeOf,
  RCODE,
  TYPE,
  type Message,
} from '../../../shared/protocols/dns/message.ts';
import { formatName } from '../../../shared/protocols/dns/name.ts';
import { World } from '../../../shared/simulation/world.ts';
import { dnsServiceConfiguration } from '../config.ts';
import { openKeeper } from './open-keeper.ts';
import { ParentNotices } from './parent-notices.ts';
import { readHere } from './zone-files.ts';
import type { ZoneKeeper } from './zone-keeper.ts';

const FILE = '$TTL 1h\n@ SOA ns hostmaster 7 1h 10m 4w 5m\n@ NS ns\nns A 192.0.2.1\n';
const DAY_MS = 24 * 3_600_000;
const SCANNER_PORT = 5_359;
/** RFC 9859 §2.1: CDS, by NOTIFY, to the scanner. */
const DSYNC = Uint8Array.fromHex('003b0114ef077363616e6e6572047465737400');
const OTHER_SCHEME = Uint8Array.fromHex('003b8014ef077363616e6e6572047465737400');
const OTHER_TYPE = Uint8Array.fromHex('003e0114ef077363616e6e6572047465737400');

let running: AsyncDisposable | undefined;
let notices: ParentNotices | undefined;
afterEach(async () => {
  notices?.[Symbol.dispose]();
  await running?.[Symbol.asyncDispose]();
});

type Answered = Partial<Pick<Message, 'rcode'>> & { readonly data?: readonly Uint8Array[] };

/** What comes to a port, each answered as `answer` says. */
async function listen(host: ReturnType<World['host']>, port: number, answer: (message: Message) => Answered) {
  const heard: string[] = [];
  const socket = await host.devices.udp.bind({ host: host.address, port });
  void (async () => {
    for (;;) {
      const { bytes, source } = await socket.receive();
      const message = decodeMessage(bytes);
      if (!message.ok) continue;
      const { id, questions } = message.value;
      const [question] = questions;
      if (question === undefined) continue;
      heard.push(`${opcodeOf(message.value)} ${formatName(question.name)} ${question.type}`);
      const { rcode = RCODE.NOERROR, data = [] } = answer(message.value);
      const answers = data.map(one => ({ ...question, ttlSeconds: 60, data: one }));
      const flags = headerFlags(opcodeOf(message.value), FLAG.QR | FLAG.AA) | rcode;
      await socket.send(encodeMessage({ id, flags, questions, answers }), source);
    }
  })();
  return heard;
}

/** A zone `example.test`, its parent `test` with these DSYNC records by name, and whoever they name. */
async function setUp(
  dsync: Readonly<Record<string, readonly Uint8Array[]>>,
  scanner: () => number = () => 0,
) {
  const world = new World('notices');
  const host = world.host('server');
  const [parent, scannerHost] = [world.host('parent'), world.host('scanner')];
  const { clock } = world.host('bystander').devices;
  running = world.start();
  world.zones.add('test', 'NS', 'ns.test');
  world.zones.add('ns.test', 'A', parent.address);
  world.zones.add('scanner.test', 'A', scannerHost.address);
  const asked = await listen(parent, 53, ({ questions: [question] }) => {
    return question?.class === CLASS_IN ? { data: dsync[formatName(question.name)] ?? [] } : {};
  });
  const notified = await listen(scannerHost, SCANNER_PORT, () => ({ rcode: scanner() }));
  const told: string[] = [];
  const note = (_zone: unknown, { port }: Endpoint, reason = 'told'): void =>
    void told.push(`${port} ${reason}`);
  const [configuration] = dnsServiceConfiguration.parse({ zones: [{ name: 'example.test' }] }).zones;
  const { devices } = host;
  const zone: ZoneKeeper = await openKeeper(configuration!, {
    read: readHere(() => FILE),
    devices,
    signatureDays: 14,
    serve: () => Promise.resolve(),
  });
  await zone.begin();
  notices = new ParentNotices([zone], {
    devices,
    events: { parentNotified: note, parentNotifyFailed: note },
  });
  /** Until the first signatures are in all caches, so that the zone asks its parent for a DS record. */
  const liveUntilAsked = async (): Promise<void> => {
    for (let day = 0; day < 3; day++) {
      await clock.sleep(DAY_MS);
      await zone.advance();
    }
    await clock.sleep(60_000);
  };
  return { asked, notified, told, zone, clock, notices, liveUntilAsked };
}

const NOTIFY = `${OPCODE.NOTIFY} example.test ${TYPE.CDS}`;

describe('the parent of a zone', () => {
  it('is told of new CDS records once, where it asks for that', async () => {
    const { notified, told, zone, notices, liveUntilAsked } = await setUp({ '_dsync.test': [DSYNC] });
    await notices.tell(zone);
    expect(notified).toEqual([]);
    await liveUntilAsked();
    expect(notified).toEqual([NOTIFY]);
    await zone.renew('all');
    await notices.tell(zone);
    expect(notified).toEqual([NOTIFY]);
    expect(told).toEqual([`${SCANNER_PORT} told`]);
  });

  it('is asked first for what it has for this child alone', async () => {
    const { asked, notified, liveUntilAsked } = await setUp({ 'example._dsync.test': [DSYNC] });
    await liveUntilAsked();
    expect(asked).toEqual([`${OPCODE.QUERY} example._dsync.test ${TYPE.DSYNC}`]);
    expect(notified).toEqual([NOTIFY]);
  });

  it.each<[string, readonly Uint8Array[]]>([
    ['it has no DSYNC record', []],
    ['it wants to hear in another way', [OTHER_SCHEME]],
    ['it wants to hear of other records', [OTHER_TYPE]],
    ['its record is cut off', [DSYNC.subarray(0, 5)]],
  ])('is left alone where %s', async (_what, data) => {
    const { asked, notified, told, liveUntilAsked } = await setUp({ '_dsync.test': data });
    await liveUntilAsked();
    expect(asked).toHaveLength(2);
    expect([notified, told]).toEqual([[], []]);
  });

  it('is told again with the next look, where it refused', async () => {
    let rcode: number = RCODE.REFUSED;
    const { told, zone, notices, liveUntilAsked } = await setUp({ '_dsync.test': [DSYNC] }, () => rcode);
    await liveUntilAsked();
    expect(told[0]).toBe(`${SCANNER_PORT} it answers REFUSED`);
    rcode = RCODE.NOERROR;
    await notices.tell(zone);
    expect(told.at(-1)).toBe(`${SCANNER_PORT} told`);
  });
});
