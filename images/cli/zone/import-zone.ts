import { writeFile } from 'node:fs/promises';
import { fetchVersion } from '../../../services/dns-service/secondary/fetch-version.ts';
import { createHostRandom } from '../../../shared/host/random.ts';
import { createHostTls } from '../../../shared/host/tls.ts';
import { formatName, parseName } from '../../../shared/protocols/dns/name.ts';
import type { Zone } from '../../../shared/protocols/dns/rrset.ts';
import { checkZone } from '../../../shared/protocols/dns/zone-file/check-zone.ts';
import { FaultList } from '../../../shared/protocols/dns/zone-file/fault.ts';
import { formatZone } from '../../../shared/protocols/dns/zone-file/format-zone.ts';
import { importable } from './importable.ts';
import { movingSteps } from './moving.ts';
import { dnsDevices, locateServer, namesServer } from './server.ts';
import { readTsigKey } from './tsig-key-file.ts';
import { assembleExport, countRecords, describeFaults } from './zone-file.ts';

/** A zone of a thousand records takes a second; of a server that is far away, some. */
const TRANSFER_TIMEOUT_MS = 10 * 60_000;

export interface ImportOptions {
  /** The zone's name, where the file's does not tell it. */
  readonly origin: string | undefined;
  /** The file to be made; the default is the zone's name and `.zone`. */
  readonly out: string | undefined;
  /** Of the TSIG key by which a server gives the zone. */
  readonly keyFile: string | undefined;
  readonly keyName: string | undefined;
}

/** Makes a zone file of another server's, or of what it exported, and says how to go on. Gives the exit code. @throws Error for people. */
export async function importZone(from: string, options: ImportOptions): Promise<number> {
  const found = namesServer(from) ? await transferred(from, options) : assembleExport(from, options.origin);
  const { zone, leftOut, isSigned } = importable(found);
  const faults = new FaultList();
  checkZone({ zone, places: [] }, faults);
  for (const line of describeFaults(faults)) console.error(line);
  const name = formatName(zone.apex);
  if (faults.errorCount > 0) {
    console.error(`${name} is not imported: correct that at the old server, or in its file`);
    return 1;
  }
  const out = options.out ?? `${name}.zone`;
  await writeFile(out, formatZone(zone), { flag: 'wx' }).catch((cause: NodeJS.ErrnoException) => {
    const why =
      cause.code === 'EEXIST' ? 'is there already; say --out FILE' : `cannot be written: ${cause.message}`;
    throw new Error(`${out} ${why}`, { cause });
  });
  const records = countRecords(zone.rrsets);
  console.error(`Made ${out}: ${name}, ${records} records.${describeLeftOut(leftOut)}`);
  console.log(`[[dns-service.zones]]\nname = "${name}"`);
  console.error(
    `\nPut ${out} into the zone folder and these lines into lares.toml. Then, to move the domain:`,
  );
  for (const step of movingSteps({ zone, isSigned, file: out }, Date.now())) console.error(step);
  return 0;
}

async function transferred(from: string, { origin, keyFile, keyName }: ImportOptions): Promise<Zone> {
  const apex = parseName(origin ?? '');
  if (origin === undefined || !apex.ok) throw new Error(`${from}: say which zone: --origin NAME`);
  const devices = dnsDevices();
  const primary = {
    endpoint: await locateServer(from),
    key: keyFile === undefined ? undefined : await readTsigKey(keyFile, keyName),
    tls: undefined,
  };
  const zone = await fetchVersion(
    primary,
    { apex: apex.value, base: undefined },
    { ...devices, tls: createHostTls(), secureRandom: createHostRandom() },
    AbortSignal.timeout(TRANSFER_TIMEOUT_MS),
  ).catch((cause: Error) => {
    throw new Error(
      `${from} does not give the zone ${origin} (${cause.message}); allow this address or a key to transfer it, or export it into a file`,
      { cause },
    );
  });
  if (zone === undefined) throw new Error(`${from} gives nothing of the zone ${origin}`);
  return zone;
}

function describeLeftOut(leftOut: ReadonlyMap<string, number>): string {
  if (leftOut.size === 0) return '';
  const types = [...leftOut].map(([type, count]) => `${count} ${type}`).join(', ');
  return ` Left out, since the new server makes its own: ${types}.`;
}
