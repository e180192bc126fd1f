import type { Health } from '../../../shared/appliance/service.ts';
import type { SecretReader } from '../../../shared/components/certificates/secrets.ts';
import type { Devices } from '../../../shared/devices/devices.ts';
import type { SignOnline } from '../../../shared/protocols/dns/answer/compact-answers.ts';
import type { DnsServiceConfiguration } from '../config.ts';
import type { PrimaryConfiguration } from '../config/primaries.ts';
import type { Events } from '../events.ts';
import type { Primary } from '../secondary/connect.ts';
import { Secondary } from '../secondary/secondary.ts';
import type { Zones } from '../zones/zones.ts';
import type { Handle } from './handle.ts';
import { openKeyRing, type KeyRing } from './key-ring.ts';
import { Notifications } from './notifications.ts';
import { Notifier } from './notifier.ts';
import { PlainQueries } from './plain-queries.ts';
import { createRouter } from './router.ts';
import { Transfers } from './transfers.ts';
import { Updates } from './updates.ts';
import { ZoneList } from './zone-list.ts';

export interface PassedOn extends Disposable {
  /** Answers what a plane or a stream does not answer itself. */
  readonly handle: Handle;
  /** Tells secondaries of new versions, and fetches from primaries, from now on. */
  begin(): void;
}

export interface PassedOnParts {
  readonly zones: Zones;
  /** By the keys of zones with compact denial. */
  readonly sign: SignOnline;
  readonly events: Events;
  readonly health: Health;
  readonly secret: SecretReader | undefined;
  readonly devices: Pick<Devices, 'udp' | 'tcp' | 'tls' | 'clock' | 'secureRandom'>;
}

/** @throws DeviceError with a sentence for people where the secret of a key is missing. */
export async function openPassedOn(
  config: DnsServiceConfiguration,
  { zones, sign, events, health, secret, devices }: PassedOnParts,
): Promise<PassedOn> {
  const keys = await openKeyRing(config.keys, secret);
  const list = new ZoneList(zones.list);
  const secondaries: Secondary[] = [];
  const handlers = [
    new PlainQueries({ compiled: () => zones.compiled, sign, clock: devices.clock }),
    new Transfers(list),
    new Updates(list, events),
    new Notifications(secondaries),
  ];
  let notifier: Notifier | undefined;
  return {
    handle: createRouter({ keys, handlers, clock: devices.clock }),
    begin() {
      notifier = new Notifier(zones.list, { keys, devices, events });
      for (const zone of zones.list) {
        const primaries = zone.configuration.primaries.map(primary => primaryOf(primary, keys));
        if (primaries.length > 0)
          secondaries.push(new Secondary(zone, primaries, { devices, events, health }));
      }
    },
    [Symbol.dispose]() {
      notifier?.[Symbol.dispose]();
      for (const secondary of secondaries) secondary[Symbol.dispose]();
    },
  };
}

function primaryOf({ address: host, port, key, tls }: PrimaryConfiguration, keys: KeyRing): Primary {
  return {
    endpoint: { host, port: tls?.port ?? port },
    key: key === undefined ? undefined : keys.referredTo(key),
    tls: tls && {
      serverName: tls.name,
      ...(tls['pin-sha256'] !== undefined && { pinnedSha256: tls['pin-sha256'] }),
      ...(tls['trust-anchors'] !== undefined && { trustAnchorsPem: tls['trust-anchors'] }),
    },
  };
}
