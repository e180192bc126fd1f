import { afterEach, describe, expect, it } from 'vitest';
import { encodeUtf8 } from '../../../shared/base/bytes.ts';
import { name } from '../../../shared/protocols/dns/answer/testing/ask.ts';
import type { ReadZone } from '../../../shared/protocols/dns/zone-file/read-zone.ts';
import { formatZone } from '../../../shared/protocols/dns/zone-file/format-zone.ts';
import { World } from '../../../shared/simulation/world.ts';
import { dnsServiceJobs, zoneReader } from './read-job.ts';
import { ZoneError } from './zone-error.ts';
import { readerOf, readHere, type ReadZoneFile } from './zone-files.ts';

const HEAD = '$TTL 60\n@ SOA ns hostmaster 7 1d 2h 4w 5m\n@ NS ns\nns A 192.0.2.1\n';
/** More than is read in the caller's thread. */
const MANY = Array.from(
  { length: 6_000 },
  (_, at) => `host${at} A 192.0.2.${at % 250}\nhost${at} TXT "number ${at} of many"\n`,
);
const ORIGIN = name('example');

let running: AsyncDisposable | undefined;
afterEach(async () => await running?.[Symbol.asyncDispose]());

/** A reader that uses jobs, one that cannot, and how many jobs were run. */
function setUp(text: string | Uint8Array) {
  const world = new World('read-job');
  const { jobs } = world.host('server', { jobs: dnsServiceJobs }).devices;
  running = world.start();
  const bytes = typeof text === 'string' ? encodeUtf8(text) : text;
  const files = new Map([
    ['zone', bytes],
    ['more', encodeUtf8('more A 192.0.2.2\n')],
  ]);
  const used: string[] = [];
  const counted: typeof jobs.run = (job, input, options) => {
    used.push(job);
    return jobs.run(job, input, options);
  };
  return { reader: zoneReader(files, { run: counted }), here: readHere(readerOf(files)), used };
}

async function zoneBy(read: ReadZoneFile): Promise<ReadZone> {
  const zone = await read('zone', ORIGIN);
  if (!zone.ok) throw new Error(zone.error.errors[0]?.message);
  return zone.value;
}

describe('zoneReader()', () => {
  it('reads a large zone in a job, with what it includes, as it would be read here', async () => {
    const { reader, here, used } = setUp(`${HEAD}$INCLUDE more\n${MANY.join('')}away CNAME nowhere\n`);
    const [zone, expected] = [await zoneBy(reader), await zoneBy(here)];
    expect(used).toHaveLength(1);
    expect(zone.zone.rrsets.length).toBe(12_005);
    expect(formatZone(zone.zone)).toBe(formatZone(expected.zone));
    expect(zone.faults).toEqual(expected.faults);
    expect(zone.faults.warningCount).toBeGreaterThan(0);
  });

  it('tells the faults of a large zone', async () => {
    const { reader, here } = setUp(`${HEAD}${MANY.join('')}host1 CNAME host2\nhost3 A 192.0.2\n`);
    const [zone, expected] = [await reader('zone', ORIGIN), await here('zone', ORIGIN)];
    expect(zone.ok).toBe(false);
    expect(zone).toEqual(expected);
    await expect(
      setUp(Uint8Array.from({ length: 300_000 }, () => 0xff)).reader('zone', ORIGIN),
    ).rejects.toThrow(new ZoneError('zone: not UTF-8; write other bytes as \\DDD'));
  });

  it('reads a small zone here', async () => {
    const { reader, used } = setUp(HEAD);
    expect((await zoneBy(reader)).zone.rrsets.length).toBe(3);
    expect(used).toEqual([]);
  });
});
