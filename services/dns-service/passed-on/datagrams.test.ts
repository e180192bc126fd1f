import { expect, it } from 'vitest';
import { encodeAsked, name } from '../../../shared/protocols/dns/answer/testing/ask.ts';
import { compileDirectory } from '../../../shared/protocols/dns/compiled/compile-directory.ts';
import { TYPE } from '../../../shared/protocols/dns/message.ts';
import { World } from '../../../shared/simulation/world.ts';
import { dnsServicePlanes } from '../planes.ts';
import { serveDatagrams } from './datagrams.ts';
import type { Handle } from './handle.ts';

/** Passed on by the plane, so that the handler has to answer. */
const transfer = encodeAsked({ name: name('example'), type: TYPE.AXFR }, 1);

const faulty: readonly (readonly [string, Handle])[] = [
  [
    'throws',
    () => {
      throw new Error('a bug');
    },
  ],
  ['rejects', () => Promise.reject(new Error('a bug'))],
  [
    'throws at its first reply',
    () => ({
      [Symbol.iterator]() {
        throw new Error('a bug');
      },
    }),
  ],
];

it.each(faulty)('a handler that %s costs its answer alone, and the log has it', async (_how, handle) => {
  const world = new World('datagrams');
  const server = world.host('server', { planes: dnsServicePlanes });
  const client = world.host('client').devices;
  await using _running = world.start();
  const faults: string[] = [];
  let isFaulty = true;
  const options = {
    endpoint: { host: server.address, port: 53 },
    compiled: compileDirectory([]),
    handle: ((message, peer) => (isFaulty ? handle(message, peer) : [message])) satisfies Handle,
    events: { fault: (owner: string, error: unknown) => void faults.push(`${owner}: ${String(error)}`) },
  };
  await using _server = await serveDatagrams(options, server.devices);
  await using socket = await client.udp.bind({ host: '0.0.0.0', port: 0 });
  await socket.send(transfer, options.endpoint);
  await client.clock.sleep(1_000);
  expect(faults).toEqual(['a datagram: Error: a bug']);
  isFaulty = false;
  await socket.send(transfer, options.endpoint);
  expect((await socket.receive()).bytes).toEqual(transfer);
});
