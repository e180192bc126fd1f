import { expect, it } from 'vitest';
import { openPacketSocket } from '../../shared/host/ffi/packet-socket.ts';

const HEAR_NOTHING = [[6, 0, 0, 0]] as const;
const NO_LINK = 2 ** 30;

it('a broadcast on a link that has gone is lost, and no fault', () => {
  using socket = openPacketSocket('ipv4', HEAR_NOTHING, () => {});
  expect(() => socket.broadcast(NO_LINK, new Uint8Array(300))).not.toThrow();
});
