import type { Pebble } from './pebble.ts';

/** A configuration of one name, and of the authority in place of Let's Encrypt. `webService` are more lines of that table. */
export function siteToml(name: string, { pebble, host, webService = [] }: SiteOptions): string {
  return [
    '[web-service]',
    `names = ["${name}"]`,
    ...webService,
    '[certificates]',
    `ca = "${pebble.directoryUrl(host)}"`,
    `trust-anchors = ["""${pebble.trustAnchorPem}"""]`,
    '',
  ].join('\n');
}

interface SiteOptions {
  readonly pebble: Pebble;
  /** What the site calls this machine. */
  readonly host?: string;
  readonly webService?: readonly string[];
}
