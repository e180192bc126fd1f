import { assert } from '../../../shared/base/assert.ts';
import { OPCODE, opcodeOf, RCODE } from '../../../shared/protocols/dns/message.ts';
import { typeNumber } from '../../../shared/protocols/dns/record-types/mnemonics.ts';
import type { TsigKey } from '../../../shared/protocols/dns/tsig-mac.ts';
import { decodeUpdate, type UpdateRequest } from '../../../shared/protocols/dns/update/decode-update.ts';
import { processUpdate } from '../../../shared/protocols/dns/update/process-update.ts';
import {
  mayUpdate,
  parseNamePattern,
  type UpdateGrant,
} from '../../../shared/protocols/dns/update/update-policy.ts';
import type { GrantConfiguration } from '../config/changes.ts';
import type { Events } from '../events.ts';
import { UPDATES_WAITING_MAX } from '../limits.ts';
import type { KeptZone } from '../zones/kept-zone.ts';
import type { Replies } from './handle.ts';
import { keyNameOf } from './key-ring.ts';
import { replyTo } from './reply.ts';
import type { PassedOnHandler, PassedOnRequest } from './request.ts';
import type { ZoneList } from './zone-list.ts';

/** Changes zones for the holders of keys: RFC 2136. The answer leaves when the change is durable and served. */
export class Updates implements PassedOnHandler {
  readonly #zones: ZoneList;
  readonly #events: Events;
  readonly #grants = new Map<KeptZone, readonly UpdateGrant[]>();
  #waiting = 0;

  constructor(zones: ZoneList, events: Events) {
    this.#zones = zones;
    this.#events = events;
  }

  handle(request: PassedOnRequest): Replies | Promise<Replies> | undefined {
    const { message, key } = request;
    if (opcodeOf(message) !== OPCODE.UPDATE) return undefined;
    const decoded = decodeUpdate(message);
    if (!decoded.ok) return [replyTo(message, decoded.error)];
    const zone = this.#zones.at(decoded.value.zone);
    // RFC 2136 §3.1.2.
    if (zone === undefined) return [replyTo(message, RCODE.NOTAUTH)];
    if (key === undefined || this.#grantsOf(zone).length === 0) return [replyTo(message, RCODE.REFUSED)];
    if (this.#waiting >= UPDATES_WAITING_MAX) return [replyTo(message, RCODE.SERVFAIL)];
    return this.#update(zone, decoded.value, key).then(rcode => [replyTo(message, rcode)]);
  }

  async #update(zone: KeptZone, request: UpdateRequest, key: TsigKey): Promise<number> {
    const { apex } = zone;
    const grants = this.#grantsOf(zone);
    this.#waiting++;
    try {
      const rcode = await zone.change(content =>
        processUpdate(content, request, (owner, type) => mayUpdate(grants, key.name, { apex, owner, type })),
      );
      this.#events.updated(zone, key, rcode);
      return rcode;
    } catch (error) {
      // RFC 2136 §3.5: what cannot be kept is undone, and the client told to come again.
      this.#events.updateFailed(zone, error);
      return RCODE.SERVFAIL;
    } finally {
      this.#waiting--;
    }
  }

  #grantsOf(zone: KeptZone): readonly UpdateGrant[] {
    let grants = this.#grants.get(zone);
    if (grants === undefined) {
      grants = zone.configuration.update.map(grantOf);
      this.#grants.set(zone, grants);
    }
    return grants;
  }
}

function grantOf({ key, names, types }: GrantConfiguration): UpdateGrant {
  return {
    key: keyNameOf(key),
    names: names.map(text => {
      const pattern = parseNamePattern(text);
      assert(pattern.ok, 'the configuration has patterns alone');
      return pattern.value;
    }),
    types: types?.flatMap(text => typeNumber(text) ?? []),
  };
}
