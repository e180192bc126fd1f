import { parseArgs } from 'node:util';
import type { PutOutcome } from '../../../shared/components/releases/releases.ts';
import { describeRelease } from '../../../shared/components/releases/release-rows.ts';
import { parseAdminAddress } from '../operator/admin-client.ts';
import { packFolder, readFolder } from '../site/pack-folder.ts';
import { ReleasesClient } from '../site/releases-client.ts';
import type { Verb } from '../verb.ts';

const USAGE = 'site push DIR | list | rollback | activate ID, each with --to HOST[:PORT] and [--site NAME]';

export const verb: Verb = {
  summary: `${USAGE}: the content that an appliance shows`,
  async run(args) {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: { to: { type: 'string' }, site: { type: 'string' } },
    });
    const [action = '', argument] = positionals;
    const run = actions[action];
    if (run === undefined || values.to === undefined) {
      console.error(`right is: lares ${USAGE}`);
      return 2;
    }
    await run(new ReleasesClient(parseAdminAddress(values.to)), { site: values.site, argument });
    return 0;
  },
};

interface Wanted {
  readonly site: string | undefined;
  readonly argument: string | undefined;
}

const actions: Readonly<Record<string, (client: ReleasesClient, wanted: Wanted) => Promise<void>>> = {
  push,
  list,
  async rollback(client, { site }) {
    await show(client, site, 'rollback');
  },
  async activate(client, { site, argument }) {
    if (argument === undefined || !/^\d+$/.test(argument))
      throw new Error('say which release: `lares site list` tells their numbers');
    await show(client, site, `activate/${argument}`);
  },
};

async function push(client: ReleasesClient, { site, argument }: Wanted): Promise<void> {
  if (argument === undefined) throw new Error('say which folder to push');
  const folder = await readFolder(argument);
  for (const name of folder.leftOut) console.error(`${name}: is left out, since it is no plain file`);
  const { name } = await client.find(site);
  const { release, changes } = (await client.put(name, packFolder(folder))) as PutOutcome;
  const { added, changed, removed, names } = changes;
  if (added + changed + removed === 0) {
    console.log(`${name} shows these ${release.files} files already: release ${describeRelease(release)}`);
    return;
  }
  console.log(`Release ${release.id} of ${name}: ${changed} changed, ${added} new, ${removed} gone`);
  for (const each of names) console.log(`  ${each}`);
  if (names.length < added + changed + removed) console.log('  …');
  await tellUrl(client, name);
}

async function list(client: ReleasesClient, { site }: Wanted): Promise<void> {
  for (const { name, current, releases } of await client.list()) {
    if (site !== undefined && site !== name) continue;
    console.log(name);
    for (const release of releases)
      console.log(
        `  ${release.id === current.id ? '→' : ' '} ${describeRelease(release)}${release.files > 0 ? `, ${release.files} files` : ''}`,
      );
  }
}

async function show(client: ReleasesClient, site: string | undefined, action: string): Promise<void> {
  const { name } = await client.find(site);
  const release = await client.change(name, action);
  console.log(`${name} shows release ${describeRelease(release)}`);
  await tellUrl(client, name);
}

async function tellUrl(client: ReleasesClient, site: string): Promise<void> {
  const url = await client.url(site);
  if (url !== undefined) console.log(url);
}
