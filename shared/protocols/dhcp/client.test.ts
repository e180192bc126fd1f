import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { DhcpAction, DhcpClient, DhcpEvent } from './client.ts';
import { createDhcpClient, stepDhcpClient } from './client.ts';
import type { DhcpMessage } from './message.ts';
import { BOOTREPLY, encodeDhcpMessage, MESSAGE_TYPE, OPTION } from './message.ts';
import { clientIdentifier } from './requests.ts';

const hardwareAddress = Uint8Array.of(0x52, 0x54, 0, 0x12, 0x34, 0x56);
const server = Uint8Array.of(10, 0, 2, 2);
const address = Uint8Array.of(10, 0, 2, 15);
const identity = {
  hardwareAddress,
  clientIdentifier: clientIdentifier(2, hardwareAddress),
  hostname: 'lares',
};
const any = new Uint8Array(4);

/** One client and a time that moves as told; what it sends and does is kept. */
class World {
  state: DhcpClient = createDhcpClient(identity);
  nowMs = 1_000;
  done: DhcpAction[] = [];

  handle(event: DhcpEvent): DhcpAction[] {
    const step = stepDhcpClient(this.state, event, { nowMs: this.nowMs, xid: this.nowMs * 7, chance: 0.5 });
    this.state = step.state;
    this.done.push(...step.actions);
    return [...step.actions];
  }
  /** Moves the time to the next wake-up. */
  wake(): DhcpAction[] {
    this.nowMs = this.state.wakeAtMs;
    return this.handle({ kind: 'wake' });
  }
  answer(
    type: number,
    extra: readonly (readonly [number, Uint8Array])[] = [],
    yiaddr = address,
  ): DhcpAction[] {
    return this.handle({ kind: 'message', bytes: encodeDhcpMessage(this.reply(type, extra, yiaddr)) });
  }
  reply(type: number, extra: readonly (readonly [number, Uint8Array])[], yiaddr: Uint8Array): DhcpMessage {
    return {
      op: BOOTREPLY,
      xid: this.state.xid,
      secs: 0,
      ciaddr: any,
      yiaddr,
      chaddr: hardwareAddress,
      options: new Map([
        [OPTION.MESSAGE_TYPE, Uint8Array.of(type)],
        [OPTION.SERVER_IDENTIFIER, server],
        [OPTION.SUBNET_MASK, Uint8Array.of(255, 255, 255, 0)],
        [OPTION.LEASE_TIME, Uint8Array.of(0, 0, 0x0e, 0x10)],
        ...extra,
      ]),
    };
  }
  bind(): void {
    this.handle({ kind: 'link-up' });
    this.answer(MESSAGE_TYPE.OFFER);
    this.answer(MESSAGE_TYPE.ACK);
    while (this.state.claim.wakeAtMs < Number.POSITIVE_INFINITY) this.wake();
  }
}

function sent(actions: readonly DhcpAction[]): {
  type: number | undefined;
  how: string;
  message: DhcpMessage;
} {
  const action = actions.find(each => each.kind === 'broadcast' || each.kind === 'unicast');
  if (action === undefined || !('message' in action)) throw new Error('nothing was sent');
  const type = action.message.options.get(OPTION.MESSAGE_TYPE)?.[0];
  return { type, how: action.kind, message: action.message };
}

describe('stepDhcpClient()', () => {
  it('gets a lease: DISCOVER, REQUEST for the offer, configure (RFC 2131 §3.1)', () => {
    const world = new World();
    expect(sent(world.handle({ kind: 'link-up' })).type).toBe(MESSAGE_TYPE.DISCOVER);
    const request = sent(world.answer(MESSAGE_TYPE.OFFER));
    expect(request.type).toBe(MESSAGE_TYPE.REQUEST);
    expect(request.message.options.get(OPTION.REQUESTED_IP_ADDRESS)).toEqual(address);
    expect(request.message.options.get(OPTION.SERVER_IDENTIFIER)).toEqual(server);
    expect(request.message.ciaddr).toEqual(any);
    const [configure] = world.answer(MESSAGE_TYPE.ACK);
    expect(configure).toMatchObject({
      kind: 'configure',
      lease: { prefixLength: 24, leaseSeconds: 3600, renewalSeconds: 1800, rebindingSeconds: 3150 },
    });
    expect(world.state.phase).toBe('BOUND');
  });

  it('probes three times for a new address, not for a renewed one (RFC 5227 §2.1)', () => {
    const world = new World();
    world.handle({ kind: 'link-up' });
    world.answer(MESSAGE_TYPE.OFFER);
    const startMs = world.nowMs;
    const probes = [...world.answer(MESSAGE_TYPE.ACK), ...world.wake(), ...world.wake()];
    expect(probes.filter(({ kind }) => kind === 'probe')).toMatchObject([
      { address },
      { address },
      { address },
    ]);
    expect(world.nowMs - startMs).toBe(3_000);
    expect([...world.wake(), ...world.wake()].map(({ kind }) => kind)).toEqual([
      'announcement',
      'announcement',
    ]);
    expect(world.nowMs - startMs).toBe(7_000);
    expect(sent(world.wake()).how).toBe('unicast');
    expect(world.answer(MESSAGE_TYPE.ACK).map(({ kind }) => kind)).toEqual(['configure']);
    world.handle({ kind: 'link-down' });
    world.handle({ kind: 'link-up' });
    expect(world.answer(MESSAGE_TYPE.ACK).map(({ kind }) => kind)).toEqual(['configure', 'probe']);
  });

  it('keeps an address in conflict after three were declined, since something answers for all', () => {
    const world = new World();
    for (let turn = 0; turn < 3; turn++) {
      if (turn === 0) world.handle({ kind: 'link-up' });
      else world.wake();
      world.answer(MESSAGE_TYPE.OFFER);
      world.answer(MESSAGE_TYPE.ACK);
      expect(sent(world.handle({ kind: 'conflict' })).type).toBe(MESSAGE_TYPE.DECLINE);
    }
    world.wake();
    world.answer(MESSAGE_TYPE.OFFER);
    world.answer(MESSAGE_TYPE.ACK);
    expect(world.handle({ kind: 'conflict' })).toMatchObject([{ kind: 'note' }]);
    expect(world.handle({ kind: 'conflict' })).toEqual([]);
    expect(world.state.lease?.address).toEqual(address);
  });

  it('sends DISCOVER again after 4, 8, 16, 32, 64 and 64 s (RFC 2131 §4.1)', () => {
    const world = new World();
    world.handle({ kind: 'link-up' });
    const waits = Array.from({ length: 6 }, () => {
      const before = world.nowMs;
      world.wake();
      return (world.nowMs - before) / 1000;
    });
    expect(waits).toEqual([4, 8, 16, 32, 64, 64]);
  });

  it('starts again after four requests without an answer', () => {
    const world = new World();
    world.handle({ kind: 'link-up' });
    world.answer(MESSAGE_TYPE.OFFER);
    const types = Array.from({ length: 4 }, () => sent(world.wake()).type);
    expect(types).toEqual([3, 3, 3, 1]);
  });

  it('renews by unicast at T1, rebinds by broadcast at T2, gives up at the end (RFC 2131 §4.4.5)', () => {
    const world = new World();
    world.bind();
    const startMs = world.state.lease?.startMs ?? 0;
    const renew = sent(world.wake());
    expect([(world.nowMs - startMs) / 1000, renew.how, renew.message.ciaddr]).toEqual([
      1800,
      'unicast',
      address,
    ]);
    expect(renew.message.options.has(OPTION.REQUESTED_IP_ADDRESS)).toBe(false);
    expect(renew.message.options.has(OPTION.SERVER_IDENTIFIER)).toBe(false);
    const seen: string[] = [];
    while (world.state.lease !== undefined) {
      for (const action of world.wake())
        seen.push(`${action.kind} ${Math.round((world.nowMs - startMs) / 1000)}`);
    }
    // Half of what remains each time: 1800 + 675, + 337, … and no less than a minute.
    expect(seen).toContain('broadcast 3150');
    expect(seen.findLast(each => each.startsWith('unconfigure'))).toBe('unconfigure 3600');
    expect(sent(world.wake()).type).toBe(MESSAGE_TYPE.DISCOVER);
  });

  it('counts a lease from the sending of its request (RFC 2131 §4.4.1)', () => {
    const world = new World();
    world.handle({ kind: 'link-up' });
    world.answer(MESSAGE_TYPE.OFFER);
    const requestMs = world.nowMs;
    world.nowMs += 3_000;
    world.answer(MESSAGE_TYPE.ACK);
    expect(world.state.lease?.startMs).toBe(requestMs);
  });

  it('gives the address up on NAK, and does not ask again at once', () => {
    const world = new World();
    world.bind();
    world.wake();
    expect(world.answer(MESSAGE_TYPE.NAK)).toMatchObject([{ kind: 'unconfigure' }]);
    expect(world.state.wakeAtMs - world.nowMs).toBe(2_000);
  });

  it('asks for its address after the link was away (RFC 2131 §3.2), and keeps it where nobody answers', () => {
    const world = new World();
    world.bind();
    world.handle({ kind: 'link-down' });
    world.nowMs += 60_000;
    const request = sent(world.handle({ kind: 'link-up' }));
    expect(request.message.options.get(OPTION.REQUESTED_IP_ADDRESS)).toEqual(address);
    expect(request.message.options.has(OPTION.SERVER_IDENTIFIER)).toBe(false);
    world.wake();
    expect(sent(world.wake()).how).toBe('unicast');
    expect(world.state.lease?.address).toEqual(address);
  });

  it('gives up a lease that ends while the link is away', () => {
    const world = new World();
    world.bind();
    world.handle({ kind: 'link-down' });
    expect(world.wake()).toMatchObject([{ kind: 'unconfigure' }]);
    expect([world.state.phase, world.state.wakeAtMs]).toEqual(['STOPPED', Number.POSITIVE_INFINITY]);
  });

  it('declines an address that another host uses and waits ten seconds (RFC 2131 §3.1)', () => {
    const world = new World();
    world.handle({ kind: 'link-up' });
    world.answer(MESSAGE_TYPE.OFFER);
    world.answer(MESSAGE_TYPE.ACK);
    const actions = world.handle({ kind: 'conflict' });
    expect(sent(actions).type).toBe(MESSAGE_TYPE.DECLINE);
    expect(world.state.wakeAtMs - world.nowMs).toBe(10_000);
  });

  it('defends its address by one announcement, and gives it up where the other insists (RFC 5227 §2.4)', () => {
    const world = new World();
    world.bind();
    const conflict = (): string[] => world.handle({ kind: 'conflict' }).map(({ kind }) => kind);
    expect(conflict()).toEqual(['announcement', 'note']);
    world.nowMs += 10_000;
    expect(conflict()).toEqual(['announcement', 'note']);
    expect(world.state.lease?.address).toEqual(address);
    world.nowMs += 9_999;
    expect(conflict()).toEqual(['broadcast', 'unconfigure']);
    expect(world.state.lease).toBeUndefined();
  });

  it('hears no other transaction, host or server', () => {
    const world = new World();
    world.handle({ kind: 'link-up' });
    const offer = world.reply(MESSAGE_TYPE.OFFER, [], address);
    const strange: DhcpMessage[] = [
      { ...offer, xid: offer.xid + 1 },
      { ...offer, chaddr: new Uint8Array(6) },
      { ...offer, op: 1 },
    ];
    for (const message of strange) {
      expect(world.handle({ kind: 'message', bytes: encodeDhcpMessage(message) })).toEqual([]);
    }
    world.answer(MESSAGE_TYPE.OFFER);
    const other = Uint8Array.of(10, 0, 2, 3);
    expect(world.answer(MESSAGE_TYPE.ACK, [[OPTION.SERVER_IDENTIFIER, other]])).toEqual([]);
  });

  it('takes another address from the server by giving up the old one first', () => {
    const world = new World();
    world.bind();
    world.wake();
    const actions = world.answer(MESSAGE_TYPE.ACK, [], Uint8Array.of(10, 0, 2, 99));
    expect(actions.map(action => action.kind)).toEqual(['unconfigure', 'configure', 'probe']);
  });

  it('never throws, never sleeps for ever while a link is up, and never keeps a lease past its end', () => {
    const event: fc.Arbitrary<(world: World) => void> = fc.oneof(
      fc.constant((world: World) => void world.wake()),
      fc
        .constantFrom('link-up', 'link-down', 'conflict')
        .map(kind => (world: World) => void world.handle({ kind } as DhcpEvent)),
      fc.constantFrom(2, 5, 6).map(type => (world: World) => void world.answer(type)),
      fc
        .uint8Array({ maxLength: 400 })
        .map(bytes => (world: World) => void world.handle({ kind: 'message', bytes })),
      fc.nat(4_000_000).map(ms => (world: World) => {
        world.nowMs = Math.min(world.nowMs + ms, world.state.wakeAtMs);
      }),
    );
    fc.assert(
      fc.property(fc.array(event, { maxLength: 60 }), events => {
        const world = new World();
        world.handle({ kind: 'link-up' });
        for (const act of events) {
          if (world.state.wakeAtMs === Number.POSITIVE_INFINITY) world.handle({ kind: 'link-up' });
          act(world);
          const { lease, phase, wakeAtMs } = world.state;
          if (phase !== 'STOPPED') expect(wakeAtMs).toBeLessThan(Number.POSITIVE_INFINITY);
          if (lease !== undefined) {
            expect(wakeAtMs).toBeLessThanOrEqual(lease.startMs + lease.leaseSeconds * 1000 + 64_000);
          }
        }
      }),
      { numRuns: 300 },
    );
  });
});
