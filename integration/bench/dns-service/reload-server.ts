/**
 * The plane beside its socket as the service has it, with a thousand zones of which one changes ten times a second. Prints its port; at
 * SIGTERM, as JSON, how many changes there were and what the main thread took for each, in milliseconds.
 */
import { DNS_PLANE, dnsServicePlanes } from '../../../services/dns-service/planes.ts';
import { compileDirectory } from '../../../shared/protocols/dns/compiled/compile-directory.ts';
import { compileZone } from '../../../shared/protocols/dns/compiled/compile-zone.ts';
import { createHostLog } from '../../../shared/host/log.ts';
import { runHostWorker } from '../../../shared/host/host-worker.ts';
import { createHostUdp } from '../../../shared/host/udp.ts';
import { median } from '../statistics.ts';
import { plainZone, shapes, zoneName } from './zones.ts';

const CHANGE_INTERVAL_MS = 100;

const worlds = { planes: dnsServicePlanes, jobs: {}, services: {} };

if (!runHostWorker(worlds)) {
  const zones = Array.from({ length: shapes.thousand.zones }, (_, index) => compile(index, 1));
  const udp = createHostUdp({ entry: new URL(import.meta.url), planes: worlds.planes, log: createHostLog() });
  const shared = compileDirectory(zones);
  const server = await udp.serve({ host: '127.0.0.1', port: 0, plane: DNS_PLANE, shared });
  const tookMs: number[] = [];
  const timer = setInterval(() => {
    const startMs = performance.now();
    const index = tookMs.length % zones.length;
    zones[index] = compile(index, tookMs.length + 2);
    server.share(compileDirectory(zones));
    tookMs.push(performance.now() - startMs);
  }, CHANGE_INTERVAL_MS);
  process.once('SIGTERM', () => {
    clearInterval(timer);
    console.log(
      JSON.stringify({ changes: tookMs.length, medianMs: median(tookMs), worstMs: Math.max(...tookMs) }),
    );
    void server.close();
  });
  console.log(server.address.port);
}

function compile(index: number, serial: number): SharedArrayBuffer {
  return compileZone(plainZone(zoneName(index), shapes.thousand, serial));
}
