import type { ServiceContext } from '../../shared/appliance/service.ts';
import { followGit, type GitSource } from '../../shared/components/releases/git/git-source.ts';
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

/** Follows the repository of every site that has one. */
export async function openGitSources(
  configurations: readonly SiteConfiguration[],
  releases: readonly Releases[],
  devices: WebDevices,
  context: ServiceContext,
): Promise<GitSources> {
  const sources = new Map<string, GitSource>();
  const receivers = new Map<string, Receiver>();
  for (const configuration of configurations) {
    const followed = releases.find(({ name }) => name === releaseNameOf(configuration));
    const url = configuration['git-url'];
    if (followed === undefined || url === undefined) continue;
    const { 'git-branch': branch, 'git-folder': folder = '' } = configuration;
    const token = await readSecret(configuration['git-token'], context);
    const hookSecret = await readSecret(configuration['git-hook-secret'], context);
    const intervalMinutes = configuration['git-interval-minutes'];
    const options = { remote: { url, branch, folder }, intervalMinutes, token };
    const source = followGit(followed, options, devices, context.health);
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

/** @throws Error for people where the configuration names a secret that is not there. */
async function readSecret(name: string | undefined, { secret }: ServiceContext): Promise<string | undefined> {
  if (name === undefined) return undefined;
  const text = await secret?.(name);
  if (text === undefined)
    throw new Error(
      `the secret '${name}' is not there: put it into the file secrets/${name} beside the configuration`,
    );
  return text.trim();
}
