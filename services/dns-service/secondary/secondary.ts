import type { Health } from '../../../shared/appliance/service.ts';
import type { Timer } from '../../../shared/devices/clock.ts';
import type { Zone } from '../../../shared/protocols/dns/rrset.ts';
import {
  beginSecondary,
  stepSecondary,
  wakeAtMs,
  type SecondaryEvent,
  type SecondaryState,
} from '../../../shared/protocols/dns/secondary/step.ts';
import { soaTimesOf, type SoaTimes } from '../../../shared/protocols/dns/serial.ts';
import { soaOf } from '../../../shared/protocols/dns/rrset-list.ts';
import { messageOf, type Events } from '../events.ts';
import { TIMER_MAX_MS } from '../limits.ts';
import type { KeptZone } from '../zones/kept-zone.ts';
import type { Primary } from './connect.ts';
import { fetchVersion, type FetchDevices } from './fetch-version.ts';

export interface SecondaryParts {
  readonly devices: FetchDevices;
  readonly events: Events;
  readonly health: Health;
}

/** Keeps a zone as its primaries have it: RFC 1034 §4.3.5, RFC 1996. What it asks and when, the core says. */
export class Secondary implements Disposable {
  readonly zone: KeptZone;
  readonly primaries: readonly Primary[];
  readonly #parts: SecondaryParts;
  readonly #ending = new AbortController();
  #state: SecondaryState;
  #timer: Timer | undefined;

  constructor(zone: KeptZone, primaries: readonly Primary[], parts: SecondaryParts) {
    this.zone = zone;
    this.primaries = primaries;
    this.#parts = parts;
    const nowMs = parts.devices.clock.now();
    // It is asked for at once: until then what an earlier life left counts as confirmed.
    const version = this.#fetched && { times: timesOf(this.#fetched), confirmedAtMs: nowMs };
    this.#state = beginSecondary(primaries.length, version, nowMs);
    this.#tell({ kind: 'timer' });
  }

  /** RFC 1996 §3.11: one of the primaries says that there is something new. */
  notified(primary: number): void {
    this.#tell({ kind: 'notified', primary });
  }

  [Symbol.dispose](): void {
    this.#ending.abort();
    this.#timer?.cancel();
  }

  #tell(event: SecondaryEvent): void {
    if (this.#ending.signal.aborted) return;
    const { clock } = this.#parts.devices;
    const { state, actions } = stepSecondary(this.#state, event, clock.now());
    this.#state = state;
    for (const action of actions)
      if (action.kind === 'ask') void this.#ask(action.primary);
      else this.#expire();
    this.#timer?.cancel();
    // By the wall clock, which may jump: it is looked at now and then, however far the next time is.
    const waitMs = Math.min(TIMER_MAX_MS, Math.max(0, wakeAtMs(state) - clock.now()));
    this.#timer = clock.timer(waitMs, () => this.#tell({ kind: 'timer' }));
  }

  async #ask(index: number): Promise<void> {
    const { devices, events, health } = this.#parts;
    const primary = this.primaries[index] as Primary;
    const { zone } = this;
    try {
      const wanted = { apex: zone.apex, base: this.#fetched };
      const version = await fetchVersion(primary, wanted, devices, this.#ending.signal);
      if (version !== undefined) {
        await zone.take(version);
        events.fetched(zone, primary.endpoint);
      }
      await zone.answer(true);
      health.recover(this.#condition);
      this.#tell({ kind: 'confirmed', times: timesOf(zone.content) });
    } catch (error) {
      if (this.#ending.signal.aborted) return;
      events.fetchFailed(zone, primary.endpoint, messageOf(error));
      this.#tell({ kind: 'failed' });
    }
  }

  #expire(): void {
    const { events, health } = this.#parts;
    events.expired(this.zone);
    void this.zone.answer(false);
    health.degrade(
      this.#condition,
      `No primary of the zone ${this.zone.configuration.name} has answered for as long as the zone holds (SOA expire)`,
    );
  }

  /** What is there, as a primary gave it. */
  get #fetched(): Zone | undefined {
    return this.zone.content.rrsets.length === 0 ? undefined : this.zone.content;
  }

  get #condition(): string {
    return `dns-secondary-${this.zone.configuration.name}`;
  }
}

function timesOf(zone: Zone): SoaTimes {
  return soaTimesOf(soaOf(zone).data[0] ?? new Uint8Array());
}
