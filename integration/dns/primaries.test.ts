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
  ZONE_TEXT,
  type PeerKind,
  type TransferPeer,
} from './transfer-peers.ts';

const PRIMARIES: readonly PeerKind[] = ['nsd', 'knot', 'bind'];

let scratch: Scratch;
let service: DnsService;
const peers: TransferPeer[] = [];

/** Each has a zone of its own name. */
const zoneOf = (kind: PeerKind): string => `${kind}.test`;

beforeAll(async () => {
  scratch = await createScratch();
  await configureKey(scratch.path, KEY.secret);
  const ports = await Promise.all(PRIMARIES.map(() => lastingPort({ datagrams: true })));
  service = await startDnsService({
    folder: scratch.path,
    zones: { unused: '' },
    configuration: `
[[dns-service.keys]]
name = "${KEY.name}"
secret = "tsig"
${PRIMARIES.map(
  (kind, at) => `
[[dns-service.zones]]
name = "${zoneOf(kind)}"
sign = false
primaries = [{ address = "127.0.0.1", port = ${ports[at]}, key = "${KEY.name}" }]
transfer-to = [{ address = "127.0.0.1" }]
`,
).join('')}`,
  });
  const start = (kind: PeerKind, at: number): Promise<TransferPeer> => {
    const options = { folder: scratch.path, port: ports[at]!, otherPort: service.port };
    return startTransferPeer(kind, { ...options, zone: ZONE_TEXT, name: zoneOf(kind) });
  };
  peers.push(...(await Promise.all(PRIMARIES.map(start))));
});

afterAll(async () => {
  for (const peer of peers) await peer[Symbol.asyncDispose]();
  await service[Symbol.asyncDispose]();
  await scratch[Symbol.asyncDispose]();
});

async function isFetched(port: number, zone: string): Promise<void> {
  await eventually('the version of the primary', async () => {
    const serial = await serialAt(port, zone);
    return serial !== undefined && (await serialAt(service.port, zone)) === serial;
  });
}

function recordsOf(text: string): string[] {
  return text
    .split('\n')
    .map(line => line.replaceAll(/\s+/g, ' ').toLowerCase())
    .toSorted();
}

describe.each(PRIMARIES.map((kind, at) => ({ kind, at, zone: zoneOf(kind) })))(
  '$kind as our primary',
  ({ at, zone }) => {
    it('gives its zone, by a transfer that is signed', async () => {
      const { port } = peers[at]!;
      await isFetched(port, zone);
      const ours = recordsOf(await fetchZone(service.port, zone));
      expect(ours.length).toBeGreaterThan(400);
      expect(recordsOf(await fetchZone(port, zone, true))).toEqual(ours);
    });
  },
);

// NSD takes no updates.
it.each(['knot', 'bind'] as const)('%s as our primary tells of a change, which is fetched', async kind => {
  const zone = zoneOf(kind);
  const { port } = peers[PRIMARIES.indexOf(kind)]!;
  await sendUpdates(port, scratch.path, [`update add new.${zone} 60 A 192.0.2.1`, 'send'], zone);
  await isFetched(port, zone);
  const ours = await fetchZone(service.port, zone);
  expect(ours).toMatch(/^new\./m);
  expect(recordsOf(await fetchZone(port, zone, true))).toEqual(recordsOf(ours));
});
