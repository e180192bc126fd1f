import * as z from 'zod';
import { siteGitKeys } from './git-configuration.ts';
import { passwordFolders } from './passwords/configuration.ts';

const name = z
  .string()
  .regex(/^(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)*[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/)
  .meta({ description: 'a host name in lower case', examples: ['example.org'] });

/** Relative to the content folder, or absolute on a host; never upwards. */
export const folder = z.string().regex(/^(?!(?:.*\/)?\.\.(?:\/|$)).+$/);

/** What any site may say of itself: the keys of `[web-service]` and of each `[[web-service.sites]]`. */
export const siteKeys = {
  names: z
    .array(name)
    .max(100)
    .default([])
    .meta({
      description:
        'host names of the site in lower case, the preferred one first: the others send visitors there; none: whatever name is asked for',
      examples: [['example.org', 'www.example.org']],
    }),
  'clean-urls': z
    .enum(['serve', 'redirect', 'off'])
    .default('serve')
    .meta({
      description:
        '/about shows about.html: "serve" under both names, "redirect" sends the longer one to the shorter, "off"',
      examples: ['serve'],
    }),
  'fallback-page': folder.optional().meta({
    description:
      'the file shown for paths without an extension that are not there: for single-page applications',
    examples: ['index.html'],
  }),
  listing: z
    .boolean()
    .default(false)
    .meta({ description: 'whether folders without index.html show what is in them', examples: [false] }),
  'hsts-days': z
    .int()
    .min(0)
    .max(730)
    .default(365)
    .meta({
      description:
        'for so long browsers shall come by HTTPS alone, said once the certificate is from an authority; 0: never said',
      examples: [365],
    }),
  ...siteGitKeys,
  'password-folders': passwordFolders,
};

/** One of `[[web-service.sites]]`: a folder, or a server on the LAN that answers for these names. */
export const furtherSite = z
  .strictObject({
    ...siteKeys,
    names: siteKeys.names.unwrap().min(1),
    folder: folder.optional().meta({
      description: 'the folder with index.html, below the content folder (or from / on a host)',
      examples: ['photos'],
    }),
    backend: z
      .url({ protocol: /^http$/, hostname: /^.+$/ })
      .refine(text => new URL(text).pathname === '/' && new URL(text).search === '', {
        error: 'only http://host:port, without a path',
      })
      .optional()
      .meta({
        description: 'the server that answers for these names',
        examples: ['http://192.168.1.20:8080'],
      }),
  })
  .refine(site => (site.folder === undefined) !== (site.backend === undefined), {
    error: 'a site has either a folder or a backend',
  })
  .refine(site => site.folder !== undefined || site['git-url'] === undefined, {
    error:
      'a site that follows a repository needs a folder as well: what it shows until the first commit is there',
    path: ['git-url'],
  })
  .refine(site => site.backend === undefined || site['password-folders'].length === 0, {
    error: 'a site with a backend has no password folders: the backend asks for its own passwords',
    path: ['password-folders'],
  });

/** A site as the rest of the service sees it, wherever in the table it stood. */
export interface SiteConfiguration extends Omit<z.output<typeof furtherSite>, 'folder' | 'backend'> {
  readonly folder?: string | undefined;
  readonly backend?: string | undefined;
}
