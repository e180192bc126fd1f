import type { HttpPlanes } from '../../shared/devices/http-engine.ts';
import { answer } from '../../shared/protocols/http/site-table.ts';

/** The name of the plane that answers from a table of sites. */
export const SITES_PLANE = 'web-service';

/** What the composition root offers to HTTP engines. */
export const webServicePlanes: HttpPlanes = { [SITES_PLANE]: answer };
