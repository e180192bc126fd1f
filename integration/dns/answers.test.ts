import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { formatAbsoluteName } from '../../shared/protocols/dns/absolute-name.ts';
import { ALGORITHM } from '../../shared/protocols/dns/dnssec/dnskey.ts';
import { signZone } from '../../shared/protocols/dns/dnssec/sign-zone.ts';
import { flattenSignatures } from '../../shared/protocols/dns/dnssec/signed-zone.ts';
import type { Zone } from '../../shared/protocols/dns/rrset.ts';
import { ZoneAssembler } from '../../shared/protocols/dns/zone-file/assemble-zone.ts';
import { FaultList } from '../../shared/protocols/dns/zone-file/fault.ts';
import { formatZone } from '../../shared/protocols/dns/zone-file/format-zone.ts';
import { parseZoneFile } from '../../shared/protocols/dns/zone-file/parse-zone-file.ts';
import { Prng } from '../../shared/simulation/prng.ts';
import { seededSigningKey } from '../../shared/simulation/signing-key.ts';
import { createScratch } from '../images/scratch.ts';
import { compareAnswers } from './answer-comparison.ts';
import { randomZone } from './random-zone.ts';

const ZONES = 6;
const seeds = Array.from({ length: ZONES }, (_, index) => index);
let loadedByNsd = 0;

function sign(prng: Prng, zone: Zone, denial: 'nsec' | 'nsec3'): Zone {
  const key = seededSigningKey(prng, { algorithm: ALGORITHM.ED25519, ksk: true });
  const nowSeconds = Math.floor(Date.now() / 1000);
  const policy = {
    inceptionSeconds: nowSeconds - 3_600,
    expirationSeconds: () => nowSeconds + 86_400,
    renewBeforeSeconds: nowSeconds,
    denial,
    dnskeyTtlSeconds: 3_600,
    zonemd: false,
  };
  return flattenSignatures(signZone(zone, { ksk: [key], zsk: [key] }, policy));
}

const NO_ITERATIONS = { iterations: 0, salt: new Uint8Array() };

describe.each([undefined, 'nsec', 'nsec3'] as const)('random zones, signed with %s', denial => {
  it.each(seeds)('zone %i: as NSD and Knot', async seed => {
    const prng = new Prng(`answers ${seed}`);
    const zone = randomZone(prng.fork('zone'));
    await using scratch = await createScratch();
    const comparison = {
      prng,
      folder: scratch.path,
      zone: denial === undefined ? zone : sign(prng, zone, denial),
    };
    const proves = denial === 'nsec3' ? NO_ITERATIONS : denial;
    if (await compareAnswers({ ...comparison, ...(proves === undefined ? {} : { proves }) })) loadedByNsd++;
  });
});

it('was put to NSD mostly, whose reader of zones stumbles over some unusual bytes', () => {
  expect(loadedByNsd).toBeGreaterThan(2 * ZONES);
});

describe('random zones, signed elsewhere with opt-out, iterations and a salt', () => {
  it.each(seeds)('zone %i: as NSD and Knot', async seed => {
    const prng = new Prng(`foreign ${seed}`);
    const zone = randomZone(prng.fork('zone'), { plain: true });
    await using scratch = await createScratch();
    const signed = await signByLdns(scratch.path, zone);
    const proves = { iterations: 3, salt: Uint8Array.of(0xab, 0x12) };
    await compareAnswers({ prng, folder: scratch.path, zone: signed, proves });
  });
});

const run = promisify(execFile);

/** RFC 5155 §6: with `-p`, cuts without DS have no NSEC3 of their own. */
async function signByLdns(folder: string, zone: Zone): Promise<Zone> {
  const apex = formatAbsoluteName(zone.apex);
  await writeFile(join(folder, 'plain'), formatZone(zone));
  const { stdout } = await run('ldns-keygen', ['-a', 'ED25519', '-k', apex], { cwd: folder });
  const options = ['-n', '-p', '-t', '3', '-s', 'ab12', '-f', 'signed'];
  await run('ldns-signzone', [...options, 'plain', stdout.trim()], { cwd: folder });
  const text = await readFile(join(folder, 'signed'), 'utf8');
  const assembler = new ZoneAssembler(zone.apex, new FaultList());
  parseZoneFile({ file: 'signed', read: () => text, origin: zone.apex }, assembler);
  expect(assembler.faults.errors).toEqual([]);
  return assembler.finish().zone;
}
