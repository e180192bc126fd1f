import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '../eventually.ts';
import { createScratch, type Scratch } from '../images/scratch.ts';
import { lastingPort } from '../lasting-port.ts';
import { configureKey, startDnsService, type DnsService } from './service-process.ts';
import {
  fetchZone,
  KEY,
  sendUpdates,
  serialAt,
  startTransferPeer,
  ZONE,
  ZONE_TEXT,
  type PeerKind,
  type TransferPeer,
} from './transfer-peers.ts';

const SECONDARIES: readonly PeerKind[] = ['nsd', 'knot', 'bind'];

let scratch: Scratch;
let service: DnsService;
const peers: TransferPeer[] = [];

beforeAll(async () => {
  scratch = await createScratch();
  await configureKey(scratch.path, KEY.secret);
  const ports = await Promise.all(SECONDARIES.map(() => lastingPort({ datagrams: true })));
  const notify = ports
    .map(port => `{ address = "127.0.0.1", port = ${port}, key = "${KEY.name}" }`)
    .join(', ');
  service = await startDnsService({
    folder: scratch.path,
    zones: { [`${ZONE}.zone`]: ZONE_TEXT },
    configuration: `
[[dns-service.keys]]
name = "${KEY.name}"
secret = "tsig"
[[dns-service.zones]]
name = "${ZONE}"
transfer-to = [{ key = "${KEY.name}" }]
notify = [${notify}]
update = [{ key = "${KEY.name}" }]
`,
  });
  const start = (kind: PeerKind, at: number): Promise<TransferPeer> =>
    startTransferPeer(kind, { folder: scratch.path, port: ports[at]!, otherPort: service.port });
  peers.push(...(await Promise.all(SECONDARIES.map(start))));
});

afterAll(async () => {
  for (const peer of peers) await peer[Symbol.asyncDispose]();
  await service[Symbol.asyncDispose]();
  await scratch[Symbol.asyncDispose]();
});

async function hasOurs({ port }: TransferPeer): Promise<void> {
  const serial = await serialAt(service.port);
  await eventually('the version that we serve', async () => (await serialAt(port)) === serial);
}

/** Owners, TTLs and data as sets: servers write the same record with other blanks and case. */
function recordsOf(text: string): string[] {
  return text
    .split('\n')
    .filter(line => line !== '')
    .map(line => line.replaceAll(/\s+/g, ' ').toLowerCase())
    .toSorted();
}

describe.each(SECONDARIES.map((kind, at) => ({ kind, at })))('$kind as our secondary', ({ at }) => {
  it('has the signed zone whole, by a transfer that was signed in each message', async () => {
    await hasOurs(peers[at]!);
    const ours = recordsOf(await fetchZone(service.port, ZONE, true));
    expect(ours.length).toBeGreaterThan(1_200);
    expect(recordsOf(await fetchZone(peers[at]!.port))).toEqual(ours);
  });

  it('hears of a change at once, and fetches what changed', async () => {
    await sendUpdates(service.port, scratch.path, [`update add new${at}.${ZONE} 60 A 192.0.2.${at}`, 'send']);
    await hasOurs(peers[at]!);
    const ours = recordsOf(await fetchZone(service.port, ZONE, true));
    expect(ours.filter(line => line.startsWith(`new${at}.`)).length).toBeGreaterThan(1);
    expect(recordsOf(await fetchZone(peers[at]!.port))).toEqual(ours);
  });
});

it('gives the zone to nobody else', async () => {
  await expect(fetchZone(service.port)).rejects.toThrow('Transfer failed');
});
