import * as z from 'zod';
import { secretName } from '../../secrets/secret-name.ts';
import type { Secrets } from '../../certificates/secrets.ts';
import type { GitSourceOptions } from './git-source.ts';

/** What a repository is for, in the words of the service whose content it has. */
export interface GitWords {
  /** As in 'the git repository whose newest commit …'. */
  readonly shown: string;
  /** As in 'the folder of the repository with …'. */
  readonly folder: string;
  readonly urlExample: string;
  readonly folderExample: string;
  /** 0: only when told; elsewhere 1. */
  readonly intervalMinMinutes: 0 | 1;
}

export const SECRET = 'the name of a secret, not the secret itself: the file secrets/NAME beside lares.toml';

/** The keys that say which repository is followed. */
export function gitKeys(words: GitWords) {
  const { shown, folder, intervalMinMinutes } = words;
  return {
    'git-url': z
      .url({ protocol: /^https?$/, hostname: /^.+$/ })
      .refine(text => isPlain(new URL(text)), {
        error: 'a URL without user and password: [git-token] names the secret that holds an access token',
      })
      .optional()
      .meta({
        description: `the git repository whose newest commit ${shown}; http:// is for a server of your own network`,
        examples: [words.urlExample],
      }),
    'git-branch': z
      .string()
      .regex(/^[A-Za-z0-9][A-Za-z0-9._/-]{0,199}$/)
      .optional()
      .meta({
        description: 'the branch; without it the one that HEAD of the repository means',
        examples: ['main'],
      }),
    'git-folder': z
      .string()
      .regex(/^[^/.][^/]*(?:\/[^/.][^/]*)*$/)
      .optional()
      .meta({
        description: `the folder of the repository with ${folder}; without it all of it`,
        examples: [words.folderExample],
      }),
    'git-interval-minutes': z
      .int()
      .min(intervalMinMinutes)
      .max(10_080)
      .default(15)
      .meta({
        description: `how often to look for a newer commit${intervalMinMinutes === 0 ? '; 0: only when the web hook is called' : ''}`,
        examples: [15],
      }),
    'git-token': secretName.optional().meta({
      description: `${SECRET}; an access token, where the repository is not open to all`,
      examples: ['git-token'],
    }),
  };
}

function isPlain({ username, password, search, hash }: URL): boolean {
  return `${username}${password}${search}${hash}` === '';
}

/** What those keys say. */
export interface GitConfiguration {
  readonly 'git-url'?: string | undefined;
  readonly 'git-branch'?: string | undefined;
  readonly 'git-folder'?: string | undefined;
  readonly 'git-interval-minutes': number;
  readonly 'git-token'?: string | undefined;
}

/** What is to be followed; undefined where there is no repository. @throws DeviceError where the token is missing. */
export async function gitSourceOptions(
  configuration: GitConfiguration,
  secrets: Secrets,
): Promise<GitSourceOptions | undefined> {
  const { 'git-url': url, 'git-branch': branch, 'git-folder': folder = '' } = configuration;
  if (url === undefined) return undefined;
  const tokenName = configuration['git-token'];
  const token = tokenName === undefined ? undefined : await secrets.text(tokenName);
  return { remote: { url, branch, folder }, intervalMinutes: configuration['git-interval-minutes'], token };
}
