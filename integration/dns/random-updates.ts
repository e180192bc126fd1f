import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Prng } from '../../shared/simulation/prng.ts';
import { lastingPort } from '../lasting-port.ts';
import { run } from '../images/scratch.ts';
import { configureKey, startDnsService, type DnsService } from './service-process.ts';
import { fetchZone, KEY, sendUpdates, startTransferPeer, ZONE, type TransferPeer } from './transfer-peers.ts';

const TEXT = [
  '$TTL 60',
  '@ SOA ns hostmaster 1 3600 600 86400 60',
  '@ NS ns',
  'ns A 127.0.0.1',
  'n1 A 192.0.2.1',
  'n2 CNAME n1',
  'n3 TXT "x"',
  '',
].join('\n');

/** Ours and BIND, each primary of the same zone, which is not signed. */
export interface Pair extends AsyncDisposable {
  readonly service: DnsService;
  readonly bind: TransferPeer;
}

export async function startPair(folder: string): Promise<Pair> {
  await configureKey(folder, KEY.secret);
  const service = await startDnsService({
    folder,
    zones: { [`${ZONE}.zone`]: TEXT },
    configuration: `
[[dns-service.keys]]
name = "${KEY.name}"
secret = "tsig"
[[dns-service.zones]]
name = "${ZONE}"
sign = false
transfer-to = [{ key = "${KEY.name}" }]
update = [{ key = "${KEY.name}" }]
`,
  });
  const port = await lastingPort({ datagrams: true });
  const bind = await startTransferPeer('bind', { folder, port, otherPort: 9, zone: TEXT });
  return {
    service,
    bind,
    async [Symbol.asyncDispose]() {
      await bind[Symbol.asyncDispose]();
      await service[Symbol.asyncDispose]();
    },
  };
}

/** So many updates, each of one to three changes, as lines of nsupdate(1): names, types and conditions meet often. */
export function randomUpdates(prng: Prng, count: number): string[] {
  const lines: string[] = [];
  for (let made = 0; made < count; made++) {
    if (prng.chance(0.2)) lines.push(condition(prng));
    for (let changes = 1 + prng.below(3); changes > 0; changes--) lines.push(change(prng));
    lines.push('send');
  }
  return lines;
}

/** What both say to the updates, and the difference of their zones by ldns-compare-zones(1): '' where they are equal. */
export async function applyToBoth(
  { service, bind }: Pair,
  folder: string,
  lines: readonly string[],
): Promise<{ readonly said: readonly string[]; readonly difference: string }> {
  const said: string[] = [];
  const files: string[] = [];
  for (const port of [service.port, bind.port]) {
    said.push(await sendUpdates(port, folder, lines));
    const file = join(folder, `zone-${port}`);
    await writeFile(file, await fetchZone(port, ZONE, true));
    files.push(file);
  }
  // It ends with another code than 0 where they differ, and says how.
  const compared = await run('ldns-compare-zones', '-e', ...files).catch((error: unknown) => String(error));
  return { said, difference: compared.includes('+0\t-0\t~0') ? '' : compared };
}

function condition(prng: Prng): string {
  const verb = prng.pick(['yxdomain', 'nxdomain', 'yxrrset', 'nxrrset']);
  const type = verb.endsWith('rrset') ? ` ${prng.pick(TYPES)}` : '';
  return `prereq ${verb} ${nameFor(prng)}${type}`;
}

function change(prng: Prng): string {
  const owner = nameFor(prng);
  const type = prng.pick(TYPES);
  if (prng.chance(0.6)) return `update add ${owner} ${prng.pick([60, 300])} ${type} ${dataFor(prng, type)}`;
  if (prng.chance(0.3)) return `update delete ${owner}`;
  return `update delete ${owner} ${type}${prng.chance(0.5) ? ` ${dataFor(prng, type)}` : ''}`;
}

const TYPES = ['A', 'AAAA', 'TXT', 'MX', 'CNAME', 'NS'] as const;

function nameFor(prng: Prng): string {
  return prng.chance(0.1) ? `${ZONE}.` : `${prng.chance(0.2) ? 'N' : 'n'}${prng.below(12)}.${ZONE}.`;
}

function dataFor(prng: Prng, type: (typeof TYPES)[number]): string {
  const number = prng.below(4);
  switch (type) {
    case 'A':
      return `192.0.2.${number}`;
    case 'AAAA':
      return `2001:db8::${number}`;
    case 'TXT':
      return `"text ${number}"`;
    // BIND refuses what leads to names of the zone that have no address.
    case 'MX':
      return `${number} mail.elsewhere.test.`;
    case 'CNAME':
    case 'NS':
      return `target${number}.elsewhere.test.`;
  }
}
