import { gitKeys } from '../../../shared/components/releases/git/configuration.ts';

/** Where newer zone files are taken from: keys of `[dns-service]`. */
export const zoneGitKeys = gitKeys({
  shown: 'the zones are taken from',
  folder: "the zones' files",
  urlExample: 'https://git.example.net/anna/zones.git',
  folderExample: 'zones',
  intervalMinMinutes: 1,
});
