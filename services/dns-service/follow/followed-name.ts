import type { Health } from '../../../shared/appliance/service.ts';
import type { Timer } from '../../../shared/devices/clock.ts';
import type { Devices } from '../../../shared/devices/devices.ts';
import type { Name } from '../../../shared/protocols/dns/name.ts';
import {
  FAMILIES,
  withHost,
  type Choice,
  type Family,
  type Sight,
  type Source,
} from '../../../shared/protocols/home-address/addresses.ts';
import {
  beginFollow,
  isSettled,
  stepFollow,
  wakeAtMs,
  type FollowEvent,
  type FollowState,
} from '../../../shared/protocols/home-address/follow.ts';
import { formatAddress, parseAddress } from '../../../shared/protocols/ip/address.ts';
import type { FollowedNameConfiguration } from '../config/follow.ts';
import { messageOf, type Events } from '../events.ts';
import { TIMER_MAX_MS } from '../limits.ts';
import type { KeptZone } from '../zones/kept-zone.ts';
import { recall, remember, type AddressMemory } from './address-memory.ts';
import { addressesIn, withAddresses } from './with-addresses.ts';

export type FollowDevices = Pick<Devices, 'clock' | 'keyValue'>;

export interface FollowedPlace {
  readonly configuration: FollowedNameConfiguration;
  readonly owner: Name;
  readonly zone: KeptZone;
}

interface Surroundings {
  readonly devices: FollowDevices;
  readonly events: Events;
  readonly health: Health;
}

/** 'changed': the zone has it, or will have it in a moment; 'failed': the zone could not be changed, which is tried again. */
export type Reported = 'changed' | 'same' | 'failed';

/** A name whose address records follow a line: reports of sources come in, versions of the zone go out. */
export class FollowedName implements Disposable {
  readonly configuration: FollowedNameConfiguration;
  readonly #place: FollowedPlace;
  readonly #surroundings: Surroundings;
  #memory: AddressMemory;
  #state: FollowState;
  #writing: Promise<boolean> | undefined;
  #timer: Timer | undefined;
  #isOver = false;

  constructor(place: FollowedPlace, memory: AddressMemory, surroundings: Surroundings) {
    this.configuration = place.configuration;
    this.#place = place;
    this.#memory = memory;
    this.#surroundings = surroundings;
    const shownBy = Object.fromEntries(FAMILIES.map(family => [family, memory[family]?.source]));
    this.#state = beginFollow(place.configuration, shownBy, surroundings.devices.clock.monotonic());
    this.#look();
    place.zone.onServed(() => this.#look());
  }

  /** What the zone has, by whom and since when; where that is not known, it stood there before. */
  get shown(): AddressMemory {
    const { shown } = this.#state;
    return Object.fromEntries(
      FAMILIES.map(family => {
        const [address, remembered] = [shown[family], this.#memory[family]];
        if (address === undefined) return [family, undefined];
        return [
          family,
          remembered?.address === address ? remembered : { address, source: undefined, sinceMs: 0 },
        ];
      }),
    );
  }

  /** Whether something is seen that the zone does not have yet. */
  get isBehind(): boolean {
    return !isSettled(this.#state, this.#surroundings.devices.clock.monotonic());
  }

  /** Resolves when what follows from it at once is durable and answered. */
  async report(source: Source, sight: Sight): Promise<Reported> {
    const own = FAMILIES.flatMap(family => {
      const addresses = sight[family]?.map(address => this.#ownOf(family, address));
      return addresses === undefined ? [] : [[family, addresses] as const];
    });
    this.#tell({ kind: 'seen', source, sight: Object.fromEntries(own) });
    let reported: Reported = this.isBehind ? 'changed' : 'same';
    // One that was under way may be followed by that of what was just seen.
    while (this.#writing !== undefined) reported = (await this.#writing) ? 'changed' : 'failed';
    return reported;
  }

  [Symbol.dispose](): void {
    this.#isOver = true;
    this.#timer?.cancel();
  }

  #ownOf(family: Family, address: string): string {
    const host = parseAddress(this.configuration['ipv6-host'] ?? '');
    const network = parseAddress(address);
    if (family !== 'ipv6' || host === undefined || network === undefined) return address;
    return formatAddress(withHost(network, host));
  }

  /** Somebody else may have changed the records. */
  #look(): void {
    const { zone, owner } = this.#place;
    this.#tell({ kind: 'shown', addresses: addressesIn(zone.content, owner) });
  }

  #tell(event: FollowEvent): void {
    if (this.#isOver) return;
    const { clock } = this.#surroundings.devices;
    const { state, write } = stepFollow(this.#state, event, clock.monotonic());
    this.#state = state;
    if (write !== undefined) this.#writing = this.#write(write);
    const waitMs = wakeAtMs(state, clock.monotonic()) - clock.monotonic();
    this.#timer?.cancel();
    if (waitMs < Infinity)
      this.#timer = clock.timer(Math.min(waitMs, TIMER_MAX_MS), () => this.#tell({ kind: 'timer' }));
  }

  async #write(choice: Choice): Promise<boolean> {
    const { owner, zone, configuration } = this.#place;
    const { name, families, 'ttl-seconds': ttlSeconds } = configuration;
    const { events, health } = this.#surroundings;
    const addresses = Object.fromEntries(FAMILIES.map(family => [family, choice[family]?.address]));
    const condition = `dns-follow-${name}`;
    try {
      await zone.change(content => withAddresses(content, { owner, ttlSeconds, families, addresses }));
      await this.#remember(choice);
      events.followed(name, addresses);
      health.recover(condition);
      this.#end({ kind: 'written' });
      return true;
    } catch (error) {
      events.followFailed(name, error);
      health.degrade(condition, `The address of ${name} cannot be changed: ${messageOf(error)}`);
      this.#end({ kind: 'failed' });
      return false;
    }
  }

  #end(event: FollowEvent): void {
    this.#writing = undefined;
    this.#tell(event);
  }

  async #remember(choice: Choice): Promise<void> {
    const { devices } = this.#surroundings;
    const sinceMs = devices.clock.now();
    this.#memory = Object.fromEntries(
      FAMILIES.map(family => {
        const [chosen, former] = [choice[family], this.#memory[family]];
        if (chosen === undefined) return [family, undefined];
        return [family, former?.address === chosen.address ? former : { ...chosen, sinceMs }];
      }),
    );
    await remember(this.configuration.name, this.#memory, devices.keyValue);
  }
}

/** As it was at the last stop. @throws DeviceError */
export async function openFollowedName(
  place: FollowedPlace,
  surroundings: Surroundings,
): Promise<FollowedName> {
  const memory = await recall(place.configuration.name, surroundings.devices.keyValue);
  return new FollowedName(place, memory, surroundings);
}
