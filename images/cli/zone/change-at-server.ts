import { formatServer } from '../../../shared/components/dns-update/exchange.ts';
import { findZone } from '../../../shared/components/dns-update/find-zone.ts';
import { query, sendUpdate } from '../../../shared/components/dns-update/server.ts';
import { TYPE } from '../../../shared/protocols/dns/message.ts';
import { formatName, parseName, type Name } from '../../../shared/protocols/dns/name.ts';
import type { RRset } from '../../../shared/protocols/dns/rrset.ts';
import { soaTimesOf } from '../../../shared/protocols/dns/serial.ts';
import {
  isKeptWhole,
  updatesOf,
  whatIsOtherwise,
  type RecordEdit,
} from '../../../shared/protocols/dns/update/record-edit.ts';
import { readEdit, type WrittenEdit } from '../../../shared/protocols/dns/update/written-edit.ts';
import { askForSet, type Ask } from './ask-for-set.ts';
import { dnsDevices, locateServer } from './server.ts';
import { readTsigKey } from './tsig-key-file.ts';

export interface UpdatedServer {
  /** `dns://HOST[:PORT]` of the zone's primary server. */
  readonly server: string;
  /** The file with the TSIG key that may change the records. */
  readonly keyFile: string;
  /** Where the file does not tell it. */
  readonly keyName: string | undefined;
}

/** Changes records by one update (RFC 2136), and looks whether they are so. Gives a sentence for people. @throws Error for people. */
export async function changeAtServer(written: WrittenEdit, at: UpdatedServer): Promise<string> {
  const owner = parseName(written.name);
  if (!owner.ok) throw new Error(`'${written.name}' is no domain name: ${owner.error}`);
  const key = await readTsigKey(at.keyFile, at.keyName);
  const server = await locateServer(at.server);
  const devices = dnsDevices();
  const ask: Ask = question => query(server, question, devices);
  const zone = await findZone(owner.value, ask, formatServer(server));
  const edit = readEdit(written, zone);
  if (!edit.ok) throw new Error(edit.error);
  const there = isKeptWhole(edit.value, zone) ? await recordsOf(edit.value, ask) : [];
  await sendUpdate(server, { zone, key, changes: updatesOf(edit.value, zone, there) }, devices);
  const fault = whatIsOtherwise(edit.value, await standingAt(edit.value, ask));
  if (fault !== undefined) throw new Error(`${formatServer(server)} took the update, but ${fault}`);
  return `${formatServer(server)} has it: ${formatName(zone)}, serial ${await serialAt(zone, ask)}`;
}

async function recordsOf(
  { owner, type }: Pick<RecordEdit, 'owner' | 'type'>,
  ask: Ask,
): Promise<Uint8Array[]> {
  return (await askForSet({ owner, type }, ask)).flatMap(({ data }) => data);
}

/** What decides whether the edit is made: its records, and the CNAME that may be in the way. Of all types none can be asked for at once. */
async function standingAt({ owner, type }: RecordEdit, ask: Ask): Promise<RRset[]> {
  if (type === TYPE.ANY) return [];
  const types = [...new Set([type, TYPE.CNAME])];
  const sets = types.map(async each => ({
    owner,
    type: each,
    ttlSeconds: 0,
    data: await recordsOf({ owner, type: each }, ask),
  }));
  return (await Promise.all(sets)).filter(({ data }) => data.length > 0);
}

async function serialAt(zone: Name, ask: Ask): Promise<number> {
  const [soa] = await recordsOf({ owner: zone, type: TYPE.SOA }, ask);
  if (soa === undefined) throw new Error(`the server has no SOA record of ${formatName(zone)} any more`);
  return soaTimesOf(soa).serial;
}
