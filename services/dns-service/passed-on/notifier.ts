import { viewOf } from '../../../shared/base/bytes.ts';
import { exchange, type ExchangeDevices } from '../../../shared/components/dns-update/exchange.ts';
import type { Random } from '../../../shared/devices/random.ts';
import { encodeMessage, headerFlags } from '../../../shared/protocols/dns/encode-message.ts';
import { CLASS_IN, FLAG, formatRcode, OPCODE, RCODE, TYPE } from '../../../shared/protocols/dns/message.ts';
import { soaOf } from '../../../shared/protocols/dns/rrset-list.ts';
import { signMessage, verifyResponse } from '../../../shared/protocols/dns/tsig.ts';
import type { ServerConfiguration } from '../config/servers.ts';
import { messageOf, type Events } from '../events.ts';
import { NOTIFY_ATTEMPTS_MAX, NOTIFY_RETRY_MS } from '../limits.ts';
import type { KeptZone } from '../zones/kept-zone.ts';
import type { KeyRing } from './key-ring.ts';

export interface NotifierParts {
  readonly keys: KeyRing;
  readonly devices: ExchangeDevices & { readonly secureRandom: Random };
  readonly events: Events;
}

/** Tells secondaries of new versions: RFC 1996. */
export class Notifier implements Disposable {
  readonly #parts: NotifierParts;
  readonly #ending = new AbortController();

  constructor(zones: readonly KeptZone[], parts: NotifierParts) {
    this.#parts = parts;
    for (const zone of zones) for (const server of zone.configuration.notify) this.#follow(zone, server);
  }

  [Symbol.dispose](): void {
    this.#ending.abort();
  }

  /** Also at the start, since the secondary may have missed what came before. */
  #follow(zone: KeptZone, server: ServerConfiguration): void {
    let version = new AbortController();
    let telling = Promise.resolve();
    const tell = (): void => {
      // A newer version takes the place of the one that is being told.
      version.abort();
      version = new AbortController();
      const signal = AbortSignal.any([this.#ending.signal, version.signal]);
      telling = telling.then(() => this.#tell(zone, server, signal));
    };
    zone.onServed(tell);
    if (zone.served.rrsets.length > 0) tell();
  }

  /** RFC 1996 §3.6: again until there is an answer, but not for ever. */
  async #tell(zone: KeptZone, server: ServerConfiguration, signal: AbortSignal): Promise<void> {
    const { devices, events } = this.#parts;
    for (let attempt = 1; !signal.aborted; attempt++) {
      const fault = await this.#send(zone, server, signal).catch(messageOf);
      if (signal.aborted) return;
      if (fault === undefined) return events.notified(zone, server);
      if (attempt === NOTIFY_ATTEMPTS_MAX) return events.notifyFailed(zone, server, fault);
      await devices.clock.sleep(NOTIFY_RETRY_MS, signal).catch(() => undefined);
    }
  }

  /** What was wrong, or undefined. @throws DeviceError where nothing answers. */
  async #send(
    zone: KeptZone,
    { address, port, key: keyName }: ServerConfiguration,
    signal: AbortSignal,
  ): Promise<string | undefined> {
    const { devices, keys } = this.#parts;
    const { clock } = devices;
    const key = keyName === undefined ? undefined : keys.referredTo(keyName);
    const unsigned = encodeNotify(viewOf(devices.secureRandom.bytes(2)).getUint16(0), zone);
    const request = key === undefined ? undefined : signMessage(unsigned, key, clock.now());
    const endpoint = { host: address, port };
    const answer = await exchange(endpoint, request?.bytes ?? unsigned, devices, signal);
    if (answer.rcode !== RCODE.NOERROR) return `it answers ${formatRcode(answer.rcode)}`;
    if (key === undefined || request === undefined) return undefined;
    const verified = verifyResponse(answer.bytes, key, clock.now(), request.mac);
    return verified.ok ? undefined : `its answer is not signed as it should be (${verified.error.error})`;
  }
}

/** RFC 1996 §3.7: the zone's SOA stands in the answer section as a hint. */
function encodeNotify(id: number, { apex, served }: KeptZone): Uint8Array<ArrayBuffer> {
  const { ttlSeconds, data } = soaOf(served);
  const soa = { name: apex, type: TYPE.SOA, class: CLASS_IN };
  return encodeMessage({
    id,
    flags: headerFlags(OPCODE.NOTIFY, FLAG.AA),
    questions: [soa],
    answers: data.map(one => ({ ...soa, ttlSeconds, data: one })),
  });
}
