import type { ServiceContext } from '../../shared/appliance/service.ts';
import { createSecrets, type Secrets } from '../../shared/components/certificates/secrets.ts';
import { gitSourceOptions } from '../../shared/components/releases/git/configuration.ts';
import {
  followGit,
  type GitSource,
  type GitSourceOptions,
} from '../../shared/components/releases/git/git-source.ts';
import { isGenuine } from '../../shared/components/releases/git/hook.ts';
import type { Releases } from '../../shared/components/releases/releases.ts';
import { refuse } from '../../shared/protocols/http/refuse.ts';
import type { Receiver } from './later.ts';
import { releaseNameOf } from './open-releases.ts';
import type { WebDevices } from './service.ts';
import type { SiteConfiguration } from './site-configuration.ts';

export interface GitSources extends Disposable {
  /** By decoded path without leading slash: the web hooks. */
  readonly receivers: ReadonlyMap<string, Receiver>;
  /** What the status page tells of where that site's content comes from. */
  rowsOf(name: string): ReturnType<GitSource['rows']>;
}

/** Follows the repository of every site that has one. @throws DeviceError where a secret is missing, before any is followed. */
export async function openGitSources(
  configurations: readonly SiteConfiguration[],
  releases: readonly Releases[],
  devices: WebDevices,
  { secret, health }: Pick<ServiceContext, 'secret' | 'health'>,
): Promise<GitSources> {
  const secrets = createSecrets(secret ?? (async () => undefined));
  const wanted = await Promise.all(
    configurations.map(configuration => wantedOf(configuration, releases, secrets)),
  );
  const sources = new Map<string, GitSource>();
  const receivers = new Map<string, Receiver>();
  for (const { followed, options, hookSecret } of wanted.flat()) {
    const source = followGit(followed, options, devices, health);
    sources.set(followed.name, source);
    if (hookSecret !== undefined) receivers.set(hookPathOf(followed.name), receiverOf(source, hookSecret));
  }
  return {
    receivers,
    rowsOf: name => sources.get(name)?.rows() ?? [],
    [Symbol.dispose]() {
      for (const source of sources.values()) source[Symbol.dispose]();
    },
  };
}

interface Wanted {
  readonly followed: Releases;
  readonly options: GitSourceOptions;
  readonly hookSecret: string | undefined;
}

/** What is to be followed for that site: nothing where it has no repository. */
async function wantedOf(
  configuration: SiteConfiguration,
  releases: readonly Releases[],
  secrets: Secrets,
): Promise<readonly Wanted[]> {
  const followed = releases.find(({ name }) => name === releaseNameOf(configuration));
  const options = await gitSourceOptions(configuration, secrets);
  if (followed === undefined || options === undefined) return [];
  const hookName = configuration['git-hook-secret'];
  const hookSecret = hookName === undefined ? undefined : await secrets.text(hookName);
  return [{ followed, options, hookSecret }];
}

/** A name that no file of a site is likely to have; behind it the site's own. */
function hookPathOf(name: string): string {
  return `_lares/pull/${name}`;
}

function receiverOf(source: GitSource, secret: string): Receiver {
  return async ({ method, fields }, content) => {
    if (method !== 'POST') return refuse(405, ['allow', 'POST']);
    if (!isGenuine({ fields, content }, secret)) return refuse(403);
    source.pull();
    return { status: 204, fields: [], body: [] };
  };
}
