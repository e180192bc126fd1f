import type { Health } from '../../shared/appliance/service.ts';
import type { Timer } from '../../shared/devices/clock.ts';
import type { Devices } from '../../shared/devices/devices.ts';
import { compileZones } from '../../shared/protocols/dns/compiled/compile-zones.ts';
import { writeCookieSecrets, type RateLimit } from '../../shared/protocols/dns/compiled/plane-settings.ts';
import type { DnsServiceConfiguration } from './config.ts';
import { CookieKeeper } from './cookie-keeper.ts';
import { messageOf, type Events } from './events.ts';
import { RATE_SLIP, RENEWAL_CHECK_MS } from './limits.ts';
import { ServedZone } from './served-zone.ts';
import { openZoneFolder, ZoneError } from './zone-files.ts';

export type ZoneDevices = Pick<Devices, 'clock' | 'content' | 'keyValue' | 'secureRandom'>;

/** What planes need to know beside the zones. */
interface Answering {
  readonly cookies: CookieKeeper;
  readonly rateLimit: RateLimit | undefined;
}

interface Surroundings extends Pick<ZoneDevices, 'clock'> {
  readonly events: Events;
  readonly health: Health;
}

const RENEWAL_CONDITION = 'dns-signing';

/** All zones in the form that is answered from, kept signed. */
export class Zones implements Disposable {
  readonly list: readonly ServedZone[];
  readonly #cookies: CookieKeeper;
  readonly #rateLimit: RateLimit | undefined;
  readonly #devices: Pick<ZoneDevices, 'clock'>;
  readonly #events: Events;
  readonly #health: Health;
  #compiled: SharedArrayBuffer;
  #generation = 1;
  #onChange: (compiled: SharedArrayBuffer) => void = () => undefined;
  #timer: Timer | undefined;

  /** Of zones that are signed already; {@link openZones} does both. */
  constructor(
    list: readonly ServedZone[],
    { cookies, rateLimit }: Answering,
    { clock, events, health }: Surroundings,
  ) {
    this.list = list;
    this.#cookies = cookies;
    this.#rateLimit = rateLimit;
    this.#devices = { clock };
    this.#events = events;
    this.#health = health;
    this.#compiled = this.#compile();
    this.#checkLater();
  }

  get compiled(): SharedArrayBuffer {
    return this.#compiled;
  }

  /** `take` gets every version from now on. */
  onChange(take: (compiled: SharedArrayBuffer) => void): void {
    this.#onChange = take;
  }

  [Symbol.dispose](): void {
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  #compile(): SharedArrayBuffer {
    const contents = this.list.map(({ content }) => content);
    return compileZones(contents, this.#generation++, {
      cookieSecrets: this.#cookies.secrets(),
      ...(this.#rateLimit !== undefined && { rateLimit: this.#rateLimit }),
    });
  }

  #checkLater(): void {
    this.#timer = this.#devices.clock.timer(RENEWAL_CHECK_MS, () => void this.#check());
  }

  async #check(): Promise<void> {
    writeCookieSecrets(this.#compiled, this.#cookies.secrets());
    const nowSeconds = secondsOf(this.#devices);
    const due = this.list.filter(zone => zone.isRenewalDue(nowSeconds));
    const faults: string[] = [];
    for (const zone of due) await this.#renew(zone, nowSeconds).catch(error => faults.push(messageOf(error)));
    if (due.length > faults.length) this.#onChange((this.#compiled = this.#compile()));
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

  /** Where it fails, what is shown stays as it is until the next check. */
  async #renew(zone: ServedZone, nowSeconds: number): Promise<void> {
    try {
      await zone.sign(nowSeconds);
      this.#events.signed(zone);
    } catch (error) {
      this.#events.signingFailed(zone, error);
      throw error;
    }
  }

  #firstEnd(): string {
    const ends = this.list.flatMap(({ firstEndSeconds }) => firstEndSeconds ?? []);
    return new Date(1000 * Math.min(...ends)).toISOString();
  }
}

/** Reads, checks, signs and compiles all zones. @throws ZoneError; DeviceError where a key cannot be kept. */
export async function openZones(
  config: DnsServiceConfiguration,
  devices: ZoneDevices,
  parts: { readonly contentFolder: string; readonly events: Events; readonly health: Health },
): Promise<Zones> {
  const list = await loadAll(config, devices, parts.contentFolder);
  for (const zone of list) {
    await zone.sign(secondsOf(devices));
    parts.events.loaded(zone);
  }
  const rate = config['responses-per-second'];
  const rateLimit = rate === 0 ? undefined : { responsesPerSecond: rate, slip: RATE_SLIP };
  return new Zones(list, { cookies: new CookieKeeper(devices), rateLimit }, { ...devices, ...parts });
}

/** Every zone, or the faults of all that are wrong. */
async function loadAll(
  config: DnsServiceConfiguration,
  { content, keyValue }: ZoneDevices,
  contentFolder: string,
): Promise<ServedZone[]> {
  if (config.zones.length === 0) return [];
  const read = await openZoneFolder(content, contentFolder, config['zone-folder']);
  const list: ServedZone[] = [];
  const faults: string[] = [];
  for (const zone of config.zones)
    try {
      list.push(new ServedZone(zone, config['signature-days'], { read, keyValue }));
    } catch (error) {
      if (!(error instanceof ZoneError)) throw error;
      faults.push(error.message);
    }
  if (faults.length > 0) throw new ZoneError(faults.join('\n'));
  return list;
}

function secondsOf({ clock }: Pick<ZoneDevices, 'clock'>): number {
  return Math.floor(clock.now() / 1000);
}
