import type { StatusSection } from '../../shared/appliance/service.ts';
import { certificateRows } from '../../shared/components/certificates/certificate-rows.ts';
import { releaseRows } from '../../shared/components/releases/release-rows.ts';
import type { Endpoint } from '../../shared/devices/tcp.ts';
import { urlHostOf } from '../../shared/protocols/ip/url-host.ts';
import type { WebServiceConfiguration } from './config.ts';
import type { Running } from './service.ts';
import type { Sites } from './sites.ts';

/** Where visitors find the site: its names, else the address bound, else (every address) this machine. */
export function urlsOf(config: WebServiceConfiguration, bound: Endpoint): string[] {
  const port = config['public-https-port'] ?? bound.port;
  const suffix = port === 443 ? '/' : `:${port}/`;
  const hosts = config.names.length > 0 ? config.names.slice(0, 1) : [urlHostOf(bound.host)];
  return hosts.map(host => `https://${host}${suffix}`);
}

export function statusOf({
  sites,
  releases,
  git,
  certificates,
  counts,
  backends,
  records,
}: Pick<
  Running,
  'sites' | 'releases' | 'git' | 'certificates' | 'counts' | 'backends' | 'records'
>): StatusSection[] {
  const { open, accepted, evicted, idled, refused } = counts();
  return [
    {
      title: 'Site',
      rows: [
        ...sites.configurations.map(
          (site, index) => [site.names[0] ?? 'Files', describe(sites, index)] as const,
        ),
      ],
    },
    ...certificates.status().map(each => ({
      title: `Certificate of ${each.names[0] ?? 'nobody'}`,
      rows: certificateRows(each),
    })),
    ...releases.map(each => ({
      title: `Content of ${each.name}`,
      rows: [...releaseRows(each), ...git.rowsOf(each.name)],
    })),
    ...(backends.isEmpty ? [] : [{ title: 'Servers behind', rows: backends.rows() }]),
    ...records.status(),
    {
      title: 'Connections',
      rows: [
        ['Open', `${open} of ${accepted} accepted`],
        ['Closed by us', `${idled} idle, ${evicted} to make room, ${refused} refused`],
      ],
    },
  ];
}

function describe(sites: Sites, index: number): string {
  const site = sites.siteAt(index);
  if (site === undefined) return sites.configurations[index]?.backend ?? 'not served';
  return `${site.files} files, ${Math.ceil(site.sizeBytes / 1024)} KiB in memory`;
}
