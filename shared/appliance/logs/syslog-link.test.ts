import { expect, it } from 'vitest';
import type { Devices } from '../../devices/devices.ts';
import { settle } from '../testing/fakes.ts';
import { createDatagramLink } from './syslog-link.ts';

it('asks a silent name server no more than its bound at one time', async () => {
  const asked: PromiseWithResolvers<never>[] = [];
  const socket = { address: { host: '::', port: 1 }, close: () => Promise.resolve() };
  const devices = {
    udp: { bind: () => Promise.resolve(socket) },
    resolver: {
      resolve() {
        const question = Promise.withResolvers<never>();
        asked.push(question);
        return question.promise;
      },
    },
  } as unknown as Devices;
  const target = { host: 'logs.example', port: 514, transport: 'udp', pinnedSha256: undefined } as const;
  const events = { up: () => {}, down: () => {}, dropped: () => {} };
  const link = await createDatagramLink(devices, target, events);
  for (let count = 0; count < 1_000; count++) link.send(new Uint8Array(1));
  expect(asked.length).toBe(64);
  for (const question of asked.splice(0)) question.reject(new Error('timed out'));
  await settle();
  link.send(new Uint8Array(1));
  expect(asked.length).toBe(1);
});
