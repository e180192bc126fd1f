import type { ServiceContext } from '../../shared/appliance/service.ts';
import { encodeContent } from '../../shared/components/content-codings/encode-content.ts';
import { ContentRefused } from '../../shared/components/releases/release.ts';
import { openReleases } from '../../shared/components/releases/open-releases.ts';
import type { Releases } from '../../shared/components/releases/releases.ts';
import type { WebServiceConfiguration } from './config.ts';
import { loadSite, SiteError } from './load-site.ts';
import type { WebDevices } from './service.ts';
import type { SiteConfiguration } from './site-configuration.ts';
import type { Sites } from './sites.ts';

export interface ReleaseParts {
  readonly config: WebServiceConfiguration;
  readonly devices: WebDevices;
  readonly context: ServiceContext;
}

/** Shows the content of every site that has a folder: the release shown last, else what is baked in. @throws SiteError. */
export async function openAllReleases(sites: Sites, parts: ReleaseParts): Promise<readonly Releases[]> {
  const opened: Releases[] = [];
  for (const [index, site] of sites.configurations.entries())
    if (site.folder !== undefined)
      opened.push(await openSite(sites, { ...parts, index, folder: site.folder }));
  return opened;
}

/** By which operators call the site: its preferred name. */
export function releaseNameOf({ names }: Pick<SiteConfiguration, 'names'>): string {
  return names[0] ?? 'site';
}

async function openSite(
  sites: Sites,
  {
    config,
    devices,
    context,
    index,
    folder,
  }: ReleaseParts & { readonly index: number; readonly folder: string },
): Promise<Releases> {
  const sizeMaxBytes = config['content-max-mib'] * 1024 * 1024;
  const baked = {
    content: devices.content,
    folder: folder.startsWith('/') ? folder : `${context.contentFolder}/${folder}`,
    sizeMaxBytes,
  };
  try {
    return await openReleases(
      {
        name: releaseNameOf(sites.configurations[index] ?? { names: [] }),
        bakedIn: () => loadSite(baked),
        stage: files => sites.stage(index, files),
        derive: files => encodeContent(files, devices.jobs),
        sizeMaxBytes,
      },
      devices,
      context.health,
    );
  } catch (error) {
    if (!(error instanceof ContentRefused)) throw error;
    throw new SiteError(`the site folder ${folder}: ${error.message}`, { cause: error });
  }
}
