import type { Request, Response } from '../../shared/protocols/http/message.ts';
import { refuse } from '../../shared/protocols/http/refuse.ts';
import { errorResponse } from '../../shared/protocols/http/respond.ts';
import { hostFor } from '../../shared/protocols/http/site-table.ts';
import { parseTarget } from '../../shared/protocols/http/target.ts';
import type { Handlers } from './engine.ts';
import { enter } from './passwords/enter.ts';
import { PasswordGate, type GateDevices } from './passwords/gate.ts';
import type { Sites } from './sites.ts';

/** Answers requests for one path that are not for a page: a web hook. */
export type Receiver = (request: Request, content: Uint8Array) => Promise<Response>;

/** By decoded path without leading slash. */
export type Receivers = ReadonlyMap<string, Receiver>;

/** The answers that take more than a pure function. One that fails is told to `onFailed`, and answered as a fault of ours. */
export function createLater(
  sites: Sites,
  receivers: Receivers,
  devices: GateDevices,
  onFailed: (error: unknown) => void,
): Handlers['later'] {
  const gates = sites.configurations.map(
    configuration => new PasswordGate(configuration['password-folders'], devices),
  );
  const answer: Handlers['later'] = async (request, content, client) => {
    const target = parseTarget(request.target);
    const path = target.ok ? target.value.segments.join('/') : undefined;
    const receiver = path === undefined ? undefined : receivers.get(path);
    if (receiver !== undefined) return await receiver(request, content);
    const host = hostFor(sites.table, request);
    const gate = host?.kind === 'site' ? gates[host.index] : undefined;
    if (host?.kind === 'site' && gate !== undefined) {
      const entered = await enter(host.site, gate, { request, client, nowMs: devices.clock.now() });
      return { ...entered, site: host.index };
    }
    // RFC 9110 §15.5.20: this connection does not lead to the server behind that name.
    return refuse(host?.kind === 'backend' ? 421 : 503);
  };
  return async (request, content, client) => {
    try {
      return await answer(request, content, client);
    } catch (error) {
      onFailed(error);
      return faultOf(sites, request);
    }
  };
}

/** In the site's own words, where the request is for one. */
function faultOf({ table }: Sites, request: Request): Response {
  const host = hostFor(table, request);
  if (host?.kind !== 'site') return refuse(500);
  return { ...errorResponse(host.site, request, 500), site: host.index };
}
