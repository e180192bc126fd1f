import { viewOf } from '../../../shared/base/bytes.ts';
import { DnsUpdateError } from '../../../shared/components/dns-update/dns-update-error.ts';
import { exchange } from '../../../shared/components/dns-update/exchange.ts';
import { findAddresses } from '../../../shared/components/dns-update/name-servers.ts';
import { query } from '../../../shared/components/dns-update/server.ts';
import { DeviceError } from '../../../shared/devices/device-error.ts';
import type { Endpoint } from '../../../shared/devices/tcp.ts';
import {
  dsyncNames,
  encodeGeneralizedNotify,
  notifyTargets,
  type NotifyTarget,
} from '../../../shared/protocols/dns/generalized-notify.ts';
import { signingPlan } from '../../../shared/protocols/dns/key-roll/signing-plan.ts';
import {
  CLASS_IN,
  FLAG,
  formatRcode,
  RCODE,
  TYPE,
  type Message,
} from '../../../shared/protocols/dns/message.ts';
import { formatName, type Name } from '../../../shared/protocols/dns/name.ts';
import type { Events } from '../events.ts';
import { PARENT_TARGETS_MAX } from './limits.ts';
import { DNS_PORT, findParent, type ParentDevices, type ParentServers } from './parent-view.ts';
import type { ZoneKeeper } from './zone-keeper.ts';

export interface ParentNoticesParts {
  readonly devices: ParentDevices;
  readonly events: Pick<Events, 'parentNotified' | 'parentNotifyFailed'>;
}

/**
 * Tells parents of new CDS and CDNSKEY records, where they ask for it by DSYNC (RFC 9859), so that they need not wait for the next time they look. It is a hint:
 * what a parent takes over it reads, and proves, by itself. Where the telling fails, it is done again with the next look at the parent.
 */
export class ParentNotices implements Disposable {
  readonly #parts: ParentNoticesParts;
  readonly #stopped = new AbortController();
  readonly #told = new Map<ZoneKeeper, string>();
  readonly #telling = new Set<ZoneKeeper>();

  constructor(zones: readonly ZoneKeeper[], parts: ParentNoticesParts) {
    this.#parts = parts;
    for (const zone of zones) zone.onServed(() => void this.tell(zone));
  }

  [Symbol.dispose](): void {
    this.#stopped.abort();
  }

  /** Does nothing where the parent was told of these records, or there are none. */
  async tell(zone: ZoneKeeper): Promise<void> {
    if (this.#telling.has(zone)) return;
    this.#telling.add(zone);
    try {
      for (;;) {
        const asked = askedOf(zone);
        if (asked === '' || asked === this.#told.get(zone) || !(await this.#tellOnce(zone))) return;
        this.#told.set(zone, asked);
      }
    } finally {
      this.#telling.delete(zone);
    }
  }

  /** Whether all that there was to tell was told. */
  async #tellOnce(zone: ZoneKeeper): Promise<boolean> {
    const { signal } = this.#stopped;
    const { devices, events } = this.#parts;
    try {
      const endpoints = await this.#endpointsFor(zone.apex, signal);
      if (endpoints === undefined) return false;
      const faults = await Promise.all(endpoints.map(one => notify(one, zone.apex, devices, signal)));
      for (const [index, fault] of faults.entries()) {
        const endpoint = endpoints[index] as Endpoint;
        if (fault === undefined) events.parentNotified(zone, endpoint);
        else events.parentNotifyFailed(zone, endpoint, fault);
      }
      return faults.every(fault => fault === undefined);
    } catch (error) {
      // Who stopped us wants no more; a parent that cannot be found is told of by whoever looks at it.
      if (signal.aborted || error instanceof DeviceError) return false;
      throw error;
    }
  }

  /** None: the parent does not ask for it. undefined: its servers do not say. */
  async #endpointsFor(apex: Name, signal: AbortSignal): Promise<readonly Endpoint[] | undefined> {
    const { devices } = this.#parts;
    const found = await findParent(apex, devices, signal);
    if (found === undefined) return undefined;
    const targets = await targetsAt(apex, found, devices, signal);
    if (targets === undefined) return undefined;
    const endpoints = await Promise.all(
      targets.slice(0, PARENT_TARGETS_MAX).map(async ({ target, port }) => {
        const hosts = await findAddresses([formatName(target)], devices.resolver, signal);
        return hosts.slice(0, 1).map(host => ({ host, port }));
      }),
    );
    return endpoints.flat();
  }
}

/** What the records say that the parent is asked by; empty where there are none. */
function askedOf({ signer }: ZoneKeeper): string {
  const state = signer?.keys.state;
  const atParent = state === undefined ? undefined : signingPlan(state).atParent;
  return atParent === undefined ? '' : atParent === 'delete' ? atParent : atParent.join(' ');
}

/** By the first server of the parent that answers with authority, as all have the same zone; undefined: none does. */
async function targetsAt(
  apex: Name,
  { parent, names }: ParentServers,
  devices: ParentDevices,
  signal: AbortSignal,
): Promise<readonly NotifyTarget[] | undefined> {
  for (const host of await findAddresses(names, devices.resolver, signal)) {
    for (const [index, name] of dsyncNames(apex, parent).entries()) {
      const answer = await ask(host, name, devices, signal);
      if (answer === undefined) break;
      const targets = notifyTargets(answer, name, TYPE.CDS);
      if (targets.length > 0 || index > 0) return targets;
    }
  }
  return undefined;
}

/** undefined: no answer with authority. */
async function ask(
  host: string,
  name: Name,
  devices: ParentDevices,
  signal: AbortSignal,
): Promise<Message | undefined> {
  try {
    const question = { name, type: TYPE.DSYNC, class: CLASS_IN };
    const answer = await query({ host, port: DNS_PORT }, question, devices, signal);
    const isAnswer = answer.rcode === RCODE.NOERROR || answer.rcode === RCODE.NXDOMAIN;
    return isAnswer && (answer.flags & FLAG.AA) !== 0 ? answer : undefined;
  } catch (error) {
    if (error instanceof DnsUpdateError || error instanceof DeviceError) return undefined;
    throw error;
  }
}

/** What was wrong, or undefined. */
async function notify(
  endpoint: Endpoint,
  apex: Name,
  devices: ParentDevices,
  signal: AbortSignal,
): Promise<string | undefined> {
  const id = viewOf(devices.random.bytes(2)).getUint16(0);
  try {
    const answer = await exchange(endpoint, encodeGeneralizedNotify(id, apex, TYPE.CDS), devices, signal);
    return answer.rcode === RCODE.NOERROR ? undefined : `it answers ${formatRcode(answer.rcode)}`;
  } catch (error) {
    if (error instanceof DeviceError) return error.message;
    throw error;
  }
}
