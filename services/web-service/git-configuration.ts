import * as z from 'zod';

/** The name of a file below `secrets/`, as `[certificates]` takes it. */
const secretName = z.string().regex(/^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/);
const SECRET = 'the name of a secret, not the secret itself: the file secrets/NAME beside lares.toml';

/** Where a site with a folder takes newer content from: keys of `[web-service]` and of each `[[web-service.sites]]`. */
export const gitKeys = {
  'git-url': z
    .url({ protocol: /^https?$/, hostname: /^.+$/ })
    .refine(text => isPlain(new URL(text)), {
      error: 'a URL without user and password: [git-token] names the secret that holds an access token',
    })
    .optional()
    .meta({
      description:
        'the git repository whose newest commit the site shows; http:// is for a server of your own network',
      examples: ['https://git.example.net/anna/site.git'],
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
      description: 'the folder of the repository with index.html; without it all of it',
      examples: ['public'],
    }),
  'git-interval-minutes': z
    .int()
    .min(0)
    .max(10_080)
    .default(15)
    .meta({
      description: 'how often to look for a newer commit; 0: only when the web hook is called',
      examples: [15],
    }),
  'git-token': secretName.optional().meta({
    description: `${SECRET}; an access token, where the repository is not open to all`,
    examples: ['git-token'],
  }),
  'git-hook-secret': secretName.optional().meta({
    description: `${SECRET}; what the git host signs its web hook with, to be sent to /_lares/pull/NAME`,
    examples: ['git-hook'],
  }),
};

function isPlain({ username, password, search, hash }: URL): boolean {
  return `${username}${password}${search}${hash}` === '';
}
