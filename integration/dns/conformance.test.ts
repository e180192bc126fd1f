import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { oddRequests } from '../../shared/protocols/dns/answer/testing/odd-requests.ts';
import { summarize } from '../../shared/protocols/dns/answer/testing/summarize.ts';
import { createScratch } from '../images/scratch.ts';
import { startKnot, startNsd } from './answer-peers.ts';
import { askByTcp, askByUdp } from './ask-once.ts';
import { startDnsService } from './service-process.ts';

const ZONE = '$TTL 60\n@ SOA ns.test. hostmaster.test. 1 1d 2h 4w 5m\n@ NS ns.test.\nwww A 192.0.2.1\n';

/** What NSD and Knot do alike, and we do not. */
const DELIBERATE: ReadonlyMap<string, string> = new Map([
  ['the version of the software', 'RFC 4892 §2.5: it may be kept to oneself, and helps attackers most'],
  ['the identity of the server', 'NSID (RFC 5001) is for that'],
  ['a cookie of seven bytes', 'RFC 7873 §5.2.2: FORMERR; theirs are off'],
  ['a cookie of nine bytes', 'RFC 7873 §5.2.2: FORMERR; theirs are off'],
  ['a header alone', 'RFC 8906 §3: who sends a header gets an answer; theirs differ between UDP and TCP'],
]);

interface Answered {
  readonly transport: string;
  readonly what: string;
  readonly expected: string;
  readonly ours: string;
  readonly theirs: readonly string[];
}

async function askAll(folder: string): Promise<Answered[]> {
  const zone = { path: join(folder, 'zone'), apex: 'example.' };
  await writeFile(zone.path, `$ORIGIN example.\n${ZONE}`);
  const configuration = '[[dns-service.zones]]\nname = "example"\nsign = false\n';
  await using service = await startDnsService({ folder, configuration, zones: { 'example.zone': ZONE } });
  await using nsd = await startNsd(folder, zone);
  await using knot = await startKnot(folder, zone);
  const asked = Object.entries({ UDP: askByUdp, TCP: askByTcp }).flatMap(([transport, ask]) =>
    oddRequests.map(async ([what, request, expected]) => {
      const say = async (port: number): Promise<string> => summarize(await ask(port, request));
      const [ours, ...theirs] = await Promise.all([say(service.port), say(nsd.port), say(knot.port)]);
      return { transport, what, expected, ours, theirs };
    }),
  );
  // All at once: whoever is silent is waited for.
  return await Promise.all(asked);
}

let answered: readonly Answered[];

beforeAll(async () => {
  await using scratch = await createScratch();
  answered = await askAll(scratch.path);
});

describe('requests that are odd', () => {
  it('are answered as the standards have it', () => {
    for (const { transport, what, expected, ours } of answered)
      expect(ours, `${what} by ${transport}`).toBe(expected);
  });

  it('are answered as by NSD and Knot, where these agree', () => {
    const agreed = answered.filter(({ theirs: [nsd, knot] }) => nsd === knot);
    expect(agreed.length).toBeGreaterThan(answered.length / 2);
    const different = agreed.filter(({ ours, theirs }) => ours !== theirs[0]);
    expect(different.filter(({ what }) => !DELIBERATE.has(what))).toEqual([]);
    // Each difference is one still.
    expect(new Set(different.map(({ what }) => what))).toEqual(new Set(DELIBERATE.keys()));
  });
});
