import type { ParentRecord } from '../../../services/dns-service/zones/parent-records.ts';
import type { WrittenEdit } from '../../../shared/protocols/dns/update/written-edit.ts';
import { parseAdminAddress } from '../operator/admin-client.ts';
import { askService } from '../operator/service-client.ts';

/** What a running appliance does with its zones, asked with the operator's certificate. `to`: HOST[:PORT] of its admin endpoint. */

export async function printKeys(zone: string, to: string): Promise<void> {
  const { rows } = (await ask(to, 'zone-keys', { zone })) as { rows: readonly (readonly [string, string])[] };
  if (rows.length === 0) console.log(`${zone} is not signed here`);
  const width = Math.max(...rows.map(([label]) => label.length));
  for (const [label, value] of rows) console.log(`${label.padEnd(width)}  ${value}`);
}

/** Each DS record as a line, then as the fields of a registrar's form. */
export async function printDs(zone: string, to: string): Promise<void> {
  const { records } = (await ask(to, 'zone-ds', { zone })) as { records: readonly ParentRecord[] };
  if (records.length === 0)
    console.error(`${zone} has nothing for its parent: it is not signed here, or leaves DNSSEC`);
  for (const record of records) {
    console.log(record.line);
    for (const [label, value] of fieldsOf(record)) console.log(`  ${label.padEnd(12)} ${value}`);
  }
}

export async function rollKey(zone: string, role: string, to: string): Promise<void> {
  await say(to, 'zone-roll', { zone, role });
}

export async function signAnew(zone: string, to: string): Promise<void> {
  await say(to, 'zone-sign', { zone });
}

export async function changeAtAppliance(edit: WrittenEdit, to: string): Promise<void> {
  await say(to, 'zone-change', edit);
}

async function say(to: string, action: string, input: object): Promise<void> {
  console.log(((await ask(to, action, input)) as { said: string }).said);
}

function ask(to: string, action: string, input: object): Promise<unknown> {
  return askService(parseAdminAddress(to), action, input);
}

/** In the words of IANA's registries, as registrars have them. */
function fieldsOf({ keyTag, algorithm, digestType, digest, key }: ParentRecord): [string, string][] {
  return [
    ['Key tag', String(keyTag)],
    ['Algorithm', `${algorithm} (${ALGORITHMS[algorithm] ?? 'see IANA'})`],
    ['Digest type', `${digestType} (SHA-256)`],
    ['Digest', digest],
    ['Or the key', `flags ${key.flags}, protocol ${key.protocol}, algorithm ${key.algorithm}`],
    ['Public key', key.publicKey],
  ];
}

const ALGORITHMS: Readonly<Record<number, string>> = { 13: 'ECDSAP256SHA256', 15: 'ED25519' };
