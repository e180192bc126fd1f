/**
 * The web service as it is shipped on HTTPS, and, for HTTP/1.1 without TLS (where the service
 * only redirects), the same engine with the same table of sites. Prints its ports as JSON.
 */
import { createHostDevices, type HostWorlds } from '../../../shared/host/devices.ts';
import { certificatesConfiguration } from '../../../shared/components/certificates/configuration.ts';
import { webServiceConfiguration, sitesOf } from '../../../services/web-service/config.ts';
import { SITES_PLANE } from '../../../services/web-service/http-planes.ts';
import { loadSite } from '../../../services/web-service/load-site.ts';
import { limitsOf } from '../../../services/web-service/serve-directly.ts';
import { webService } from '../../../services/web-service/service.ts';
import { Sites } from '../../../services/web-service/sites.ts';

interface Serving {
  readonly entry: string;
  readonly worlds: HostWorlds;
  readonly contentFolder: string;
  readonly dataFolder: string;
}

export async function serveSites({ entry, worlds, contentFolder, dataFolder }: Serving): Promise<void> {
  const logOutput = { write: () => undefined };
  const devices = await createHostDevices({ entry, dataFolder, ...worlds, logOutput });
  const own = webServiceConfiguration.parse({
    address: '127.0.0.1',
    'http-port': 0,
    'https-port': 0,
    'site-folder': contentFolder,
    'access-log': 'off',
    'connections-max': 1_000,
    'connections-per-address-max': 1_000,
  });
  const config = { ...own, certificates: certificatesConfiguration.parse({ ca: 'none' }) };
  const health = { degrade: () => undefined, recover: () => undefined };
  const service = webService.create(config, devices, { contentFolder, health });
  await service.start(new AbortController().signal);
  const secure = Number(new URL(service.urls()[0] ?? '').port);

  const sites = new Sites(sitesOf(config), devices);
  const files = await loadSite({ content: devices.content, folder: contentFolder, sizeMaxBytes: 2 ** 26 });
  const staged = await sites.stage(0, files);
  if (!staged.ok) throw new Error(staged.error[0]?.reason);
  staged.value();
  const plain = await devices.httpEngine?.serve({
    host: '127.0.0.1',
    port: 0,
    plane: SITES_PLANE,
    content: { plane: sites.table },
    limits: limitsOf(config),
    // The service's own records are made as well.
    onExchanges: () => undefined,
  });
  console.log(JSON.stringify({ plain: plain?.address.port, secure }));
}
