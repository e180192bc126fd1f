import type { Zone } from '../../../shared/protocols/dns/rrset.ts';
import { askForZone } from './ask-for-zone.ts';
import { compareZones } from './compare-zones.ts';
import { askServer, locateServer, namesServer } from './server.ts';
import { describeFaults, readZoneFile } from './zone-file.ts';

/** What of the zone in the file `before` a file or a server has otherwise. 0 where nothing is, 1 where something is. @throws Error for people. */
export async function compare(before: string, after: string, zone: string | undefined): Promise<number> {
  const known = read(before, zone);
  const other = namesServer(after)
    ? await askForZone(known, askServer(await locateServer(after)))
    : read(after, zone);
  const lines = compareZones(known, other);
  for (const line of lines) console.log(line);
  const scope = namesServer(after)
    ? `asked for ${known.rrsets.length} RRsets; what ${after} has beside them is not seen`
    : 'serials, keys and signatures are not compared';
  console.error(`${lines.length === 0 ? 'The same' : `${lines.length} differences`} (${scope}).`);
  return lines.length === 0 ? 0 : 1;
}

function read(file: string, origin: string | undefined): Zone {
  if (namesServer(file)) throw new Error(`${file}: the old zone has to be a file, exported from its server`);
  const zone = readZoneFile(file, origin);
  if (zone.ok) return zone.value.zone;
  throw new Error(describeFaults(zone.error).join('\n'));
}
