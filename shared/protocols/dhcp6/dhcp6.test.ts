import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { concatBytes } from '../../base/bytes.ts';
import { linkLayerDuid } from '../dhcp/requests.ts';
import { parseAddress } from '../ip/address.ts';
import type { Dhcp6Action, Dhcp6Client, Dhcp6Event } from './client.ts';
import { createDhcp6Client, stepDhcp6Client } from './client.ts';
import type { Option } from './message.ts';
import {
  decodeDhcp6Message,
  encodeDhcp6Message,
  encodeOptions,
  findOption,
  MESSAGE,
  OPTION,
} from './message.ts';
import { readBinding, readSettings } from './reply.ts';

const clientId = linkLayerDuid(Uint8Array.of(2, 0, 0, 0, 0, 1));
const serverId = linkLayerDuid(Uint8Array.of(2, 0, 0, 0, 0, 9));
const address = parseAddress('2001:db8::15')!;
const IAID = 2;

function uint32(...values: number[]): Uint8Array {
  const bytes = new Uint8Array(values.length * 4);
  values.forEach((value, index) => new DataView(bytes.buffer).setUint32(index * 4, value));
  return bytes;
}
function association(preferred = 600, valid = 1200, granted = address): Option {
  const inner = encodeOptions([[OPTION.IAADDR, concatBytes([granted, uint32(preferred, valid)])]]);
  return [OPTION.IA_NA, concatBytes([uint32(IAID, 300, 480), inner])];
}

class World {
  state: Dhcp6Client = createDhcp6Client(clientId, IAID);
  nowMs = 0;
  handle(event: Dhcp6Event): readonly Dhcp6Action[] {
    const step = stepDhcp6Client(this.state, event, {
      nowMs: this.nowMs,
      transactionId: this.nowMs + 1,
      chance: 0.5,
    });
    this.state = step.state;
    return step.actions;
  }
  wake(): readonly Dhcp6Action[] {
    this.nowMs = this.state.wakeAtMs;
    return this.handle({ kind: 'wake' });
  }
  answer(type: number, options: readonly Option[]): readonly Dhcp6Action[] {
    const named: Option[] = [
      [OPTION.CLIENTID, clientId],
      [OPTION.SERVERID, serverId],
    ];
    const message = { type, transactionId: this.state.transactionId, options: [...named, ...options] };
    return this.handle({ kind: 'message', bytes: encodeDhcp6Message(message) });
  }
  bind(): void {
    this.handle({ kind: 'start', mode: 'address' });
    this.wake();
    this.answer(MESSAGE.ADVERTISE, [association()]);
    this.answer(MESSAGE.REPLY, [association()]);
  }
}
function typeOf(actions: readonly Dhcp6Action[]): number | undefined {
  const action = actions.find(each => each.kind === 'multicast');
  return action?.kind === 'multicast' ? action.bytes[0] : undefined;
}

describe('stepDhcp6Client()', () => {
  it('gets an address by Solicit, Advertise, Request, Reply (RFC 8415 §18.2)', () => {
    const world = new World();
    expect(world.handle({ kind: 'start', mode: 'address' })).toEqual([]);
    expect(typeOf(world.wake())).toBe(MESSAGE.SOLICIT);
    expect(typeOf(world.answer(MESSAGE.ADVERTISE, [association()]))).toBe(MESSAGE.REQUEST);
    expect(world.answer(MESSAGE.REPLY, [association()])).toMatchObject([
      { kind: 'configure', binding: { address, validSeconds: 1200 } },
      { kind: 'settings' },
    ]);
    expect(world.state.phase).toBe('BOUND');
  });
  it('renews at T1, rebinds at T2, gives up at the end of the valid lifetime', () => {
    const world = new World();
    world.bind();
    const startMs = world.nowMs;
    expect([typeOf(world.wake()), world.nowMs - startMs]).toEqual([MESSAGE.RENEW, 300_000]);
    const seen: [number | undefined, number][] = [];
    while (world.state.binding !== undefined) {
      const actions = world.wake();
      seen.push([typeOf(actions), (world.nowMs - startMs) / 1000]);
      if (world.state.binding === undefined)
        expect(actions[0]).toMatchObject({ kind: 'unconfigure', address });
    }
    expect(seen.find(([type]) => type === MESSAGE.REBIND)?.[1]).toBe(480);
    expect(seen.at(-1)).toEqual([MESSAGE.SOLICIT, 1200]);
  });
  it('does not renew without pause an address that is preferred no longer', () => {
    const world = new World();
    world.handle({ kind: 'start', mode: 'address' });
    world.wake();
    const inner = encodeOptions([[OPTION.IAADDR, concatBytes([address, uint32(0, 1200)])]]);
    const granted: Option = [OPTION.IA_NA, concatBytes([uint32(IAID, 0, 0), inner])];
    world.answer(MESSAGE.ADVERTISE, [granted]);
    world.answer(MESSAGE.REPLY, [granted]);
    expect(world.state.phase).toBe('BOUND');
    expect(world.state.wakeAtMs - world.nowMs).toBeGreaterThanOrEqual(10_000);
  });
  it('asks for settings alone, and again when they are old', () => {
    const world = new World();
    world.handle({ kind: 'start', mode: 'information' });
    expect(typeOf(world.wake())).toBe(MESSAGE.INFORMATION_REQUEST);
    const server = parseAddress('2001:db8::53')!;
    expect(world.answer(MESSAGE.REPLY, [[OPTION.DNS_SERVERS, server]])).toEqual([
      { kind: 'settings', settings: { nameServers: [server], timeServers: [] } },
    ]);
    const atMs = world.nowMs;
    expect([typeOf(world.wake()), world.nowMs - atMs]).toEqual([MESSAGE.INFORMATION_REQUEST, 86_400_000]);
  });
  it('doubles its waits up to the bound (RFC 8415 §15)', () => {
    const world = new World();
    world.handle({ kind: 'start', mode: 'address' });
    world.wake();
    const waits = Array.from({ length: 4 }, () => {
      const before = world.nowMs;
      world.wake();
      return Math.round((world.nowMs - before) / 1000);
    });
    expect(waits).toEqual([1, 2, 4, 8]);
  });
  it('hears no other client, transaction or failure', () => {
    const world = new World();
    world.handle({ kind: 'start', mode: 'address' });
    world.wake();
    expect(
      world.answer(MESSAGE.ADVERTISE, [association(), [OPTION.STATUS_CODE, Uint8Array.of(0, 2)]]),
    ).toEqual([]);
    expect(world.answer(MESSAGE.ADVERTISE, [[OPTION.CLIENTID, serverId]])).toEqual([]);
    expect(world.answer(MESSAGE.ADVERTISE, [association(600, 300)])).toEqual([]);
    world.state = { ...world.state, transactionId: 0xabcdef };
    expect(world.handle({ kind: 'message', bytes: Uint8Array.of(2, 0, 0, 1) })).toEqual([]);
  });
  it('of any bytes throws nothing', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), bytes => {
        const world = new World();
        world.bind();
        world.handle({ kind: 'message', bytes });
        const decoded = decodeDhcp6Message(bytes);
        if (decoded.ok) {
          readBinding(decoded.value, IAID);
          readSettings(decoded.value);
        }
      }),
    );
  });
});

describe('DHCPv6 messages', () => {
  it('come back as they went', () => {
    const option = fc.tuple(fc.nat(0xffff), fc.uint8Array({ maxLength: 40 }));
    const message = fc.record({
      type: fc.nat(255),
      transactionId: fc.nat(0xffffff),
      options: fc.array(option, { maxLength: 5 }),
    });
    fc.assert(
      fc.property(message, each => {
        expect(decodeDhcp6Message(encodeDhcp6Message(each))).toEqual({ ok: true, value: each });
      }),
    );
  });
  it('name the NTP servers of RFC 5908', () => {
    const value = encodeOptions([[1, address]]);
    const message = { type: 7, transactionId: 1, options: [[OPTION.NTP_SERVER, value]] as Option[] };
    expect(readSettings(message).timeServers).toEqual([address]);
    expect(findOption(message.options, 99)).toBeUndefined();
  });
});
