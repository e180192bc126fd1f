import type { Clock, Timer } from '../../../shared/devices/clock.ts';
import type { Health } from '../../../shared/appliance/service.ts';
import { LOOKS_AT_ONCE, PARENT_LOOK_MS, PARENT_LOOK_WAITING_MS } from './limits.ts';
import type { ParentNotices } from './parent-notices.ts';
import type { ParentView } from './parent-view.ts';
import type { ZoneKeeper } from './zone-keeper.ts';

const PARENT_CONDITION = 'dns-parent';

export interface ParentRoundsParts {
  readonly zones: readonly ZoneKeeper[];
  readonly view: ParentView;
  readonly notices: Pick<ParentNotices, 'tell'>;
  readonly clock: Clock;
  readonly health: Health;
  /** A step that the parent made possible could not be made. */
  readonly onFault: (zone: ZoneKeeper, error: unknown) => void;
}

/** Looks at the zones' parents, oftener where a roll waits for one. */
export class ParentRounds implements Disposable {
  readonly #parts: ParentRoundsParts;
  readonly #stopped = new AbortController();
  readonly #lookedAtMs = new Map<ZoneKeeper, number>();
  #timer: Timer | undefined;

  constructor(parts: ParentRoundsParts) {
    this.#parts = parts;
    void this.#round();
  }

  [Symbol.dispose](): void {
    this.#stopped.abort();
    this.#timer?.cancel();
  }

  async #round(): Promise<void> {
    const due = this.#parts.zones.filter(zone => this.#isDue(zone)).values();
    // Each takes the next zone when it is done with one.
    await Promise.all(Array.from({ length: LOOKS_AT_ONCE }, () => this.#lookAtEach(due)));
    if (this.#stopped.signal.aborted) return;
    this.#tell();
    this.#timer = this.#parts.clock.timer(PARENT_LOOK_WAITING_MS, () => void this.#round());
  }

  #isDue(zone: ZoneKeeper): boolean {
    const state = zone.signer?.keys.state;
    if (state === undefined || (state.ds.now.length === 0 && state.dsAsked.length === 0)) return false;
    const looked = this.#lookedAtMs.get(zone) ?? -Infinity;
    const everyMs = state.dsAsked.length > 0 ? PARENT_LOOK_WAITING_MS : PARENT_LOOK_MS;
    return this.#parts.clock.monotonic() - looked >= everyMs;
  }

  async #lookAtEach(zones: Iterator<ZoneKeeper> & Iterable<ZoneKeeper>): Promise<void> {
    const { signal } = this.#stopped;
    for (const zone of zones) {
      if (signal.aborted) return;
      this.#lookedAtMs.set(zone, this.#parts.clock.monotonic());
      try {
        await this.#parts.notices.tell(zone);
        await zone.seeParent(await this.#parts.view.dsAt(zone.apex, signal));
      } catch (error) {
        if (!signal.aborted) this.#parts.onFault(zone, error);
      }
    }
  }

  /** A zone whose parent has DS records of other keys alone is bogus to every validator. */
  #tell(): void {
    const { zones, health } = this.#parts;
    const bogus = zones.filter(({ signer }) => {
      const look = signer?.look;
      return (
        look?.sight.kind === 'seen' && look.foreignCount > 0 && look.foreignCount === look.sight.ds.length
      );
    });
    const [zone] = bogus;
    if (zone === undefined) return health.recover(PARENT_CONDITION);
    health.degrade(
      PARENT_CONDITION,
      `The parent of ${zone.configuration.name} has a DS record of a key that is not on this data volume, so that validators refuse the zone: ` +
        'replace the record by the one on the status page, or restore the snapshot that has the key',
    );
  }
}
