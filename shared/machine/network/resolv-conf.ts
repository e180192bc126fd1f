import { renameSync, writeFileSync } from 'node:fs';

/** resolv.conf(5): MAXNS. */
const NAME_SERVERS_MAX = 3;

/** The text of resolv.conf(5): at most three servers, each once, and the search domain. */
export function formatResolvConf(nameServers: readonly string[], domain: string | undefined): string {
  const servers = [...new Set(nameServers)].slice(0, NAME_SERVERS_MAX);
  const lines = servers.map(server => `nameserver ${server}`);
  if (domain !== undefined) lines.push(`search ${domain}`);
  return lines.map(line => `${line}\n`).join('');
}

/** Replaces the file in one step, so that a reader never sees half of it. */
export function writeResolvConf(file: string, text: string): void {
  writeFileSync(`${file}.new`, text, { mode: 0o644 });
  renameSync(`${file}.new`, file);
}
