import { expect, it } from 'vitest';
import { createDatagramBatch } from './datagram-batch.ts';
import { openDatagramSocket } from './datagram-socket.ts';
import { checkResult, processLibrary } from './library.ts';
import { watchReadable } from './readable.ts';
import { encodeSocketAddress } from './socket-address.ts';

const connect = processLibrary.getFunction('connect', {
  arguments: ['i32', 'pointer', 'u32'],
  return: 'i32',
});

it('goes on after the descriptor had an error to tell', async () => {
  const host = '127.0.0.1';
  using socket = openDatagramSocket({ host, port: 0 }, false);
  const gone = openDatagramSocket({ host, port: 0 }, false);
  const peer = encodeSocketAddress(gone.address, 'ipv4');
  checkResult(connect(socket.descriptor, peer, peer.length), 'connect');
  const kernel = createDatagramBatch(socket.descriptor, 'ipv4', 128);
  let calls = 0;
  let received = 0;
  using _watch = watchReadable(socket.descriptor, () => {
    calls++;
    received += kernel.receive();
  });
  const { address } = gone;
  gone[Symbol.dispose]();
  // Nobody listens there any more: the answer is an ICMP error, which the connected socket reports.
  socket.send(new Uint8Array(1), address);
  await expect.poll(() => calls, { timeout: 4_500 }).toBe(1);
  using back = openDatagramSocket(address, false);
  back.send(new Uint8Array(1), socket.address);
  await expect.poll(() => received, { timeout: 4_500 }).toBe(1);
});
