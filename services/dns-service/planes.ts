import type { DataPlanes } from '../../shared/devices/udp.ts';
import { createDnsPlane } from '../../shared/protocols/dns/answer/plane.ts';

/** The name of the plane that answers from compiled zones. */
export const DNS_PLANE = 'dns-service';

/** What the composition root offers to UDP. Each thread that loads it has a plane with rate accounts of its own. */
export const dnsServicePlanes: DataPlanes = { [DNS_PLANE]: createDnsPlane() };
