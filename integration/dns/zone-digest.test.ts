import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
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
  type TransferPeer,
} from './transfer-peers.ts';
import { dnssecVerify, ldnsDigest } from './zone-checkers.ts';

/** Of Knot as a primary: one that makes a digest, and one whose file has a wrong one. */
const RIGHT = 'right.test';
const WRONG = 'wrong.test';
const WRONG_TEXT = `${ZONE_TEXT}@ ZONEMD 1 1 1 ${'00'.repeat(48)}\n`;

let scratch: Scratch;
let service: DnsService;
const peers: TransferPeer[] = [];

beforeAll(async () => {
  scratch = await createScratch();
  await configureKey(scratch.path, KEY.secret);
  const ports = await Promise.all([0, 1, 2].map(() => lastingPort({ datagrams: true })));
  const at = (index: number): string => `address = "127.0.0.1", port = ${ports[index]}, key = "${KEY.name}"`;
  service = await startDnsService({
    folder: scratch.path,
    zones: { [`${ZONE}.zone`]: ZONE_TEXT },
    configuration: `
[[dns-service.keys]]
name = "${KEY.name}"
secret = "tsig"
[[dns-service.zones]]
name = "${ZONE}"
zonemd = true
transfer-to = [{ key = "${KEY.name}" }]
notify = [{ ${at(0)} }]
update = [{ key = "${KEY.name}" }]
${[RIGHT, WRONG]
  .map(
    (zone, index) => `
[[dns-service.zones]]
name = "${zone}"
sign = false
primaries = [{ ${at(1 + index)} }]
`,
  )
  .join('')}`,
  });
  const start = (index: number, options: object): Promise<TransferPeer> => {
    const folder = join(scratch.path, `peer-${index}`);
    return startTransferPeer('knot', { folder, port: ports[index]!, otherPort: service.port, ...options });
  };
  peers.push(
    ...(await Promise.all([
      start(0, { knotZone: ['zonemd-verify: on'] }),
      start(1, { zone: ZONE_TEXT, name: RIGHT, knotZone: ['zonemd-generate: zonemd-sha512'] }),
      start(2, { zone: WRONG_TEXT, name: WRONG }),
    ])),
  );
});

afterAll(async () => {
  for (const peer of peers) await peer[Symbol.asyncDispose]();
  await service[Symbol.asyncDispose]();
  await scratch[Symbol.asyncDispose]();
});

describe('the digest of a zone of ours', () => {
  async function judge(): Promise<(string | undefined)[]> {
    const path = join(scratch.path, 'transferred');
    await writeFile(path, await fetchZone(service.port, ZONE, true));
    const zone = { path, apex: `${ZONE}.`, singleKey: true };
    return Promise.all([ldnsDigest, dnssecVerify].map(checker => checker.check(zone)));
  }

  it('is right to ldns, and its signature to BIND', async () => {
    expect(await judge()).toEqual([undefined, undefined]);
  });

  it('is made anew with a change, and right to Knot, which fetches what changed', async () => {
    await sendUpdates(service.port, scratch.path, [`update add new.${ZONE} 60 A 192.0.2.1`, 'send']);
    expect(await judge()).toEqual([undefined, undefined]);
    const serial = await serialAt(service.port);
    await eventually('the version that we serve', async () => (await serialAt(peers[0]!.port)) === serial);
  });
});

describe('a zone that is fetched from Knot', () => {
  it('is taken where its digest fits, by SHA-512 here', async () => {
    await eventually('the zone', async () => (await serialAt(service.port, RIGHT)) !== undefined);
    expect(await fetchZone(peers[1]!.port, RIGHT, true)).toMatch(/ZONEMD\s+[0-9]+ 1 2 /);
  });

  it('is refused where its digest does not fit, and the log says why', async () => {
    await eventually('the refusal', () => {
      return service.lines.some(line => line.includes(WRONG) && line.includes('(ZONEMD) does not fit'));
    });
    expect(await serialAt(service.port, WRONG)).toBeUndefined();
  });
});
