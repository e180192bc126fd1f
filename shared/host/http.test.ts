import { Duplex } from 'node:stream';
import { expect, it } from 'vitest';
import type { Flow, Tcp } from '../devices/tcp.ts';
import { createHostHttp } from './http.ts';
import { createHostTls } from './tls.ts';

it('closes the flow of a request that node:http refuses', async () => {
  const flow = new Duplex({ read() {} }) as Flow;
  const tcp: Tcp = {
    listen: () => Promise.reject(new Error('not here')),
    connect: () => Promise.resolve(flow),
  };
  const http = createHostHttp({ tcp, tls: createHostTls() });
  const url = new URL('http://192.0.2.1/');
  await expect(http.request({ method: 'GET', url, headers: { 'x-a': 'b\nc' } })).rejects.toThrow('x-a');
  expect(flow.destroyed).toBe(true);
});
