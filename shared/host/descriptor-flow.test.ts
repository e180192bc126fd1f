import { once } from 'node:events';
import { closeSync, existsSync, openSync } from 'node:fs';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DeviceError } from '../devices/device-error.ts';
import { flowFromDescriptor } from './descriptor-flow.ts';
import { checkResult, processLibrary } from './ffi/library.ts';

const dup = processLibrary.getFunction('dup', { arguments: ['i32'], return: 'i32' });

const dup2 = processLibrary.getFunction('dup2', { arguments: ['i32', 'i32'], return: 'i32' });

const isOpen = (descriptor: number): boolean => existsSync(`/proc/self/fd/${descriptor}`);

let client: Socket;
let descriptor: number;

/** A connection whose server side is nothing but a number, with 'hello' waiting to be read. */
beforeEach(async () => {
  const server = createServer({ pauseOnConnect: true });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  client = connect({ port: (server.address() as AddressInfo).port, host: '127.0.0.1', allowHalfOpen: true });
  client.write('hello');
  const [accepted] = (await once(server, 'connection')) as [Socket & { _handle: { fd: number } }];
  descriptor = checkResult(dup(accepted._handle.fd), 'dup');
  accepted.destroy();
  server.close();
});

afterEach(() => {
  client.destroy();
});

describe('a flow made of a descriptor', () => {
  it('reads what was not read before, and ends one direction alone', async () => {
    const flow = flowFromDescriptor(descriptor);
    expect(flow.remotePort).toBe(client.localPort);
    const [first] = (await once(flow, 'data')) as [Buffer];
    expect(first.toString()).toBe('hello');
    client.end();
    await once(flow, 'end');
    flow.end(Buffer.from('still here'));
    const [answer] = (await once(client, 'data')) as [Buffer];
    expect(answer.toString()).toBe('still here');
  });

  it('closes the descriptor, once', async () => {
    const flow = flowFromDescriptor(descriptor);
    expect(isOpen(descriptor)).toBe(true);
    flow.destroy();
    flow.destroy();
    await once(flow, 'close');
    expect(isOpen(descriptor)).toBe(false);
    // The number is somebody else's now: a second close would hit them.
    const file = openSync('/dev/null', 'r');
    checkResult(dup2(file, descriptor), 'dup2');
    await new Promise(resolve => setImmediate(resolve));
    expect(isOpen(descriptor)).toBe(true);
    closeSync(descriptor);
    closeSync(file);
  });

  it('takes a reset for a close', async () => {
    const flow = flowFromDescriptor(descriptor);
    flow.resume();
    const closed = new Promise<void>(resolve => void flow.once('close', () => resolve()));
    client.resetAndDestroy();
    await closed;
    expect(isOpen(descriptor)).toBe(false);
  });
});

it.each([
  ['a file', () => openSync('/dev/null', 'r')],
  ['a number that is not open', () => 1_000_000],
])('%s is refused and stays the caller’s', (_what, open) => {
  const number = open();
  const wasOpen = isOpen(number);
  expect(() => flowFromDescriptor(number)).toThrow(DeviceError);
  expect(isOpen(number)).toBe(wasOpen);
  if (wasOpen) closeSync(number);
  closeSync(descriptor);
});
