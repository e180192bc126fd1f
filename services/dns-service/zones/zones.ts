import type { Health } from '../../../shared/appliance/service.ts';
import { encodeUtf8 } from '../../../shared/base/bytes.ts';
import type { Clock, Timer } from '../../../shared/devices/clock.ts';
import type { Devices } from '../../../shared/devices/devices.ts';
import type { PlaneShared } from '../../../shared/devices/udp.ts';
import { compileDirectory } from '../../../shared/protocols/dns/compiled/compile-directory.ts';
import { compileUnanswered, compileZone } from '../../../shared/protocols/dns/compiled/compile-zone.ts';
import { writeCookieSecrets, type RateLimit } from '../../../shared/protocols/dns/compiled/plane-settings.ts';
import { createQueryCounts } from '../../../shared/protocols/dns/compiled/query-counts.ts';
import type { Zone } from '../../../shared/protocols/dns/rrset.ts';
import type { DnsServiceConfiguration } from '../config.ts';
import { Compiler } from './compiler.ts';
import { CookieKeeper } from './cookie-keeper.ts';
import { messageOf, type Events } from '../events.ts';
import { RATE_SLIP, RENEWAL_CHECK_MS } from '../limits.ts';
import { forEveryZone } from './every-zone.ts';
import { ROLL_CHECK_MS } from './limits.ts';
import { openKeeper, type KeeperSurroundings } from './open-keeper.ts';
import { ParentRounds } from './parent-rounds.ts';
import { ParentNotices } from './parent-notices.ts';
import { createParentView, type ParentDevices } from './parent-view.ts';
import type { ReadZoneFile } from './zone-files.ts';
import type { ZoneKeeper } from './zone-keeper.ts';

export type ZoneDevices = Pick<Devices, 'clock' | 'files' | 'keyValue' | 'secureRandom'> & ParentDevices;

/** What planes need to know beside the zones. */
interface Answering {
  readonly cookies: CookieKeeper;
  readonly rateLimit: RateLimit | undefined;
  readonly nsid: Uint8Array | undefined;
}

interface Surroundings extends Pick<ZoneDevices, 'clock'> {
  readonly events: Events;
  readonly health: Health;
}

const RENEWAL_CONDITION = 'dns-signing';

/** All zones in the form that is answered from, kept signed. */
export class Zones implements Disposable {
  /** What planes counted: see query-counts.ts. */
  readonly counts: SharedArrayBuffer = createQueryCounts();
  readonly #list: ZoneKeeper[] = [];
  readonly #answering: Answering;
  readonly #clock: Clock;
  readonly #events: Events;
  readonly #health: Health;
  readonly #compiler: Compiler;
  /** A zone that did not change is not compiled again. */
  readonly #compiledOf = new WeakMap<Zone, SharedArrayBuffer>();
  #timer: Timer | undefined;
  #rounds: ParentRounds | undefined;
  #notices: ParentNotices | undefined;
  #advancedAtMs: number;

  constructor(answering: Answering, { clock, events, health }: Surroundings) {
    this.#answering = answering;
    this.#clock = clock;
    this.#events = events;
    this.#health = health;
    this.#advancedAtMs = clock.monotonic();
    this.#compiler = new Compiler(() => this.#compile(), clock);
  }

  get list(): readonly ZoneKeeper[] {
    return this.#list;
  }

  get compiled(): PlaneShared {
    return this.#compiler.compiled;
  }

  /** `take` gets every version from now on. */
  onChange(take: (compiled: PlaneShared) => void): void {
    this.#compiler.onChange = take;
  }

  /** Resolves when the zones are answered from as they are at the call. */
  serve(): Promise<void> {
    return this.#compiler.serve();
  }

  /** Signs the zones and serves them; they are renewed and their keys rolled from now on. @throws ZoneError; DeviceError where a version cannot be kept. */
  async begin(list: readonly ZoneKeeper[], devices: ParentDevices): Promise<void> {
    this.#list.push(...list);
    for (const zone of list) {
      await zone.begin();
      this.#events.loaded(zone);
    }
    this.#compiler.compileNow();
    this.#checkLater();
    this.#notices = new ParentNotices(list, { devices, events: this.#events });
    this.#rounds = new ParentRounds({
      zones: list,
      view: createParentView(devices),
      notices: this.#notices,
      clock: this.#clock,
      health: this.#health,
      onFault: (zone, error) => this.#events.rollFailed(zone, error),
    });
  }

  [Symbol.dispose](): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#rounds?.[Symbol.dispose]();
    this.#notices?.[Symbol.dispose]();
  }

  #compile(): PlaneShared {
    const zones = this.#list.map(({ apex, isAnswered, served }) =>
      // A zone that was never fetched yet has nothing to answer from.
      isAnswered && served.rrsets.length > 0 ? this.#compileOne(served) : compileUnanswered(apex),
    );
    const { cookies, rateLimit, nsid } = this.#answering;
    return compileDirectory(zones, {
      counts: this.counts,
      cookieSecrets: cookies.secrets(),
      ...(rateLimit !== undefined && { rateLimit }),
      ...(nsid !== undefined && { nsid }),
    });
  }

  #compileOne(content: Zone): SharedArrayBuffer {
    const compiled = this.#compiledOf.get(content) ?? compileZone(content);
    this.#compiledOf.set(content, compiled);
    return compiled;
  }

  #checkLater(): void {
    this.#timer = this.#clock.timer(RENEWAL_CHECK_MS, () => void this.#check());
  }

  async #check(): Promise<void> {
    writeCookieSecrets(this.compiled, this.#answering.cookies.secrets());
    const faults: string[] = [];
    const note = (error: unknown): void => void faults.push(messageOf(error));
    if (this.#clock.monotonic() - this.#advancedAtMs >= ROLL_CHECK_MS) {
      this.#advancedAtMs = this.#clock.monotonic();
      await Promise.all(this.#list.map(zone => this.#advance(zone).catch(note)));
    }
    const due = this.#list.filter(zone => zone.isRenewalDue(secondsOf(this.#clock)));
    await Promise.all(due.map(zone => this.#renew(zone).catch(note)));
    const [fault] = faults;
    if (fault === undefined) this.#health.recover(RENEWAL_CONDITION);
    else
      this.#health.degrade(
        RENEWAL_CONDITION,
        `Signatures cannot be renewed: ${fault}. The first of the present ones ends ${this.#firstEnd()}`,
      );
    // Stopped meanwhile: there is no next time.
    if (this.#timer !== undefined) this.#checkLater();
  }

  async #advance(zone: ZoneKeeper): Promise<void> {
    try {
      await zone.advance();
    } catch (error) {
      this.#events.rollFailed(zone, error);
      throw error;
    }
  }

  /** Where it fails, what is shown stays as it is until the next check. */
  async #renew(zone: ZoneKeeper): Promise<void> {
    try {
      await zone.renew();
      this.#events.signed(zone);
    } catch (error) {
      this.#events.signingFailed(zone, error);
      throw error;
    }
  }

  #firstEnd(): string {
    const ends = this.#list.flatMap(({ firstEndSeconds }) => firstEndSeconds ?? []);
    return new Date(1000 * Math.min(...ends)).toISOString();
  }
}

/** Reads, checks, signs and compiles all zones. @throws ZoneError; DeviceError where a key or a version cannot be kept. */
export async function openZones(
  config: DnsServiceConfiguration,
  devices: ZoneDevices,
  { read, ...parts }: { readonly read: ReadZoneFile; readonly events: Events; readonly health: Health },
): Promise<Zones> {
  const rate = config['responses-per-second'];
  const rateLimit = rate === 0 ? undefined : { responsesPerSecond: rate, slip: RATE_SLIP };
  const nsid = config.nsid === undefined ? undefined : encodeUtf8(config.nsid);
  const zones = new Zones(
    { cookies: new CookieKeeper(devices), rateLimit, nsid },
    { clock: devices.clock, ...parts },
  );
  const surroundings: KeeperSurroundings = {
    read,
    devices,
    signatureDays: config['signature-days'],
    serve: () => zones.serve(),
  };
  const list = await forEveryZone(config.zones, zone => openKeeper(zone, surroundings));
  await zones.begin(list, devices);
  return zones;
}

function secondsOf(clock: Clock): number {
  return Math.floor(clock.now() / 1000);
}
