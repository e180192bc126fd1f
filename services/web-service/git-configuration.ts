import { gitKeys, SECRET } from '../../shared/components/releases/git/configuration.ts';
import { secretName } from '../../shared/components/secrets/secret-name.ts';

/** Where a site with a folder takes newer content from: keys of `[web-service]` and of each `[[web-service.sites]]`. */
export const siteGitKeys = {
  ...gitKeys({
    shown: 'the site shows',
    folder: 'index.html',
    urlExample: 'https://git.example.net/anna/site.git',
    folderExample: 'public',
    intervalMinMinutes: 0,
  }),
  'git-hook-secret': secretName.optional().meta({
    description: `${SECRET}; what the git host signs its web hook with, to be sent to /_lares/pull/NAME`,
    examples: ['git-hook'],
  }),
};
