/** The product's side of bench:udp: a data plane on the batched device. Prints its port. */
import { createHostUdp } from '../../../shared/host/udp.ts';
import { createHostLog } from '../../../shared/host/log.ts';
import { runHostWorker } from '../../../shared/host/devices.ts';
import { hashingPlane } from './plane.ts';

const worlds = { planes: { hashing: hashingPlane }, jobs: {}, services: {} };

if (!runHostWorker(worlds)) {
  const log = createHostLog();
  const udp = createHostUdp({
    entry: new URL(import.meta.url),
    planes: worlds.planes,
    log,
    engine: 'batched',
  });
  const shared = [new SharedArrayBuffer(4)];
  const server = await udp.serve({ host: '127.0.0.1', port: 0, plane: 'hashing', shared });
  console.log(server.address.port);
}
