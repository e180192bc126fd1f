import type { SecretReader } from '../../../shared/components/certificates/secrets.ts';
import type { Devices } from '../../../shared/devices/devices.ts';
import type { DnsServiceConfiguration } from '../config.ts';
import type { Events } from '../events.ts';
import type { Zones } from '../zones/zones.ts';
import type { Handle } from './handle.ts';
import { openKeyRing } from './key-ring.ts';
import { Notifier } from './notifier.ts';
import { createRouter } from './router.ts';
import { SignedQueries } from './signed-queries.ts';
import { Transfers } from './transfers.ts';
import { Updates } from './updates.ts';
import { ZoneList } from './zone-list.ts';

export interface PassedOn extends Disposable {
  /** Answers what a plane or a stream does not answer itself. */
  readonly handle: Handle;
  /** Tells secondaries of new versions from now on. */
  begin(): void;
}

export interface PassedOnParts {
  readonly zones: Zones;
  readonly events: Events;
  readonly secret: SecretReader | undefined;
  readonly devices: Pick<Devices, 'udp' | 'tcp' | 'clock' | 'secureRandom'>;
}

/** @throws DeviceError with a sentence for people where the secret of a key is missing. */
export async function openPassedOn(
  config: DnsServiceConfiguration,
  { zones, events, secret, devices }: PassedOnParts,
): Promise<PassedOn> {
  const keys = await openKeyRing(config.keys, secret);
  const list = new ZoneList(zones.list);
  const handlers = [
    new SignedQueries(() => zones.compiled, devices.clock),
    new Transfers(list),
    new Updates(list, events),
  ];
  let notifier: Notifier | undefined;
  return {
    handle: createRouter({ keys, handlers, clock: devices.clock }),
    begin() {
      notifier = new Notifier(zones.list, { keys, devices, events });
    },
    [Symbol.dispose]: () => notifier?.[Symbol.dispose](),
  };
}
