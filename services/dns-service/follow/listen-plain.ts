import type { Clock } from '../../../shared/devices/clock.ts';
import type { Endpoint, Tcp } from '../../../shared/devices/tcp.ts';
import { StreamServer } from '../passed-on/stream-server.ts';
import { createHttp1Converse } from '../transports/converse-by-http1.ts';
import type { Pages } from '../transports/pages.ts';
import { PLAIN_CONNECTIONS_MAX, PLAIN_CONNECTIONS_PER_NETWORK_MAX } from './limits.ts';

/** Serves pages, and no DNS, by plain HTTP. @throws DeviceError as `Tcp.listen` */
export async function listenPlain(
  endpoint: Endpoint,
  { pages, onFault }: { readonly pages: Pages; readonly onFault: (error: unknown) => void },
  { tcp, clock }: { readonly tcp: Tcp; readonly clock: Clock },
): Promise<StreamServer> {
  const server = new StreamServer(
    {
      transport: 'tcp',
      max: PLAIN_CONNECTIONS_MAX,
      perAddressMax: PLAIN_CONNECTIONS_PER_NETWORK_MAX,
      answer: () => [],
      converse: createHttp1Converse({ pages, onFault }),
    },
    clock,
  );
  await server.listen(endpoint, tcp);
  return server;
}
