import { describe, expect, it } from 'vitest';
import { createAddressLookup } from './address-lookup.ts';
import { createHostTcp } from './tcp.ts';
import type { Answer, RecordType, Resolver } from '../devices/resolver.ts';

/** Answers from a table; what is not in it does not exist, and 'never' does not answer. */
function resolverOf(table: Readonly<Record<string, readonly string[] | 'never' | 'fails'>>): Resolver {
  return {
    resolve<T extends RecordType>(name: string, type: T, signal?: AbortSignal): Promise<Answer<T>> {
      const found = table[`${name} ${type}`] ?? [];
      if (found === 'fails') return Promise.reject(new Error('SERVFAIL'));
      if (found === 'never')
        return new Promise((_, reject) =>
          signal?.addEventListener('abort', () => reject(signal.reason as Error)),
        );
      const records = found as unknown as Answer<T>['records'];
      return Promise.resolve({ records, exists: found.length > 0, secure: false, ttlSeconds: 60 });
    },
  };
}

const noHosts = (): Promise<string> => Promise.resolve('');
const signal = new AbortController().signal;

describe('the address of a name', () => {
  it('comes from the hosts file first', async () => {
    const lookup = createAddressLookup(resolverOf({}), () =>
      Promise.resolve('# mine\n192.0.2.7 Box box.lan # here\n'),
    );
    expect(await lookup('BOX.lan.', signal)).toEqual(['192.0.2.7']);
  });

  it('is loopback for localhost, whatever servers say (RFC 6761 §6.3)', async () => {
    const lookup = createAddressLookup(resolverOf({ 'localhost A': ['192.0.2.9'] }), noHosts);
    expect(await lookup('app.localhost', signal)).toEqual(['::1', '127.0.0.1']);
  });

  it('is of both families, IPv6 first', async () => {
    const table = { 'host.test A': ['192.0.2.1'], 'host.test AAAA': ['2001:db8::1'] };
    expect(await createAddressLookup(resolverOf(table), noHosts)('host.test', signal)).toEqual([
      '2001:db8::1',
      '192.0.2.1',
    ]);
  });

  it('is IPv4 alone where the other answer is late or fails (RFC 8305 §3)', async () => {
    for (const six of ['never', 'fails'] as const) {
      const table = { 'host.test A': ['192.0.2.1'], 'host.test AAAA': six };
      expect(await createAddressLookup(resolverOf(table), noHosts)('host.test', signal)).toEqual([
        '192.0.2.1',
      ]);
    }
  });

  it('is a fault where both answers are', async () => {
    const table = { 'host.test A': 'fails', 'host.test AAAA': 'fails' } as const;
    await expect(createAddressLookup(resolverOf(table), noHosts)('host.test', signal)).rejects.toThrow(
      'SERVFAIL',
    );
  });
});

describe('connect()', () => {
  it('goes on to the next address when one refuses (RFC 8305 §5)', async () => {
    const tcp = createHostTcp(() => Promise.resolve(['::1', '127.0.0.2', '127.0.0.1']));
    const listener = await tcp.listen({ host: '127.0.0.1', port: 0 }, flow => flow.destroy());
    const flow = await tcp.connect({ host: 'many.test', port: listener.address.port });
    expect(flow.remoteAddress).toBe('127.0.0.1');
    flow.destroy();
    await listener.close();
  });

  it('gives up when all refuse', async () => {
    const tcp = createHostTcp(() => Promise.resolve(['::1', '127.0.0.1']));
    const listener = await tcp.listen({ host: '127.0.0.1', port: 0 }, () => undefined);
    await listener.close();
    const connecting = tcp.connect({ host: 'many.test', port: listener.address.port });
    await expect(connecting).rejects.toMatchObject({ kind: 'refused' });
  });

  it('times out, the lookup included', async () => {
    const lookup = createAddressLookup(
      resolverOf({ 'slow.test A': 'never', 'slow.test AAAA': 'never' }),
      noHosts,
    );
    const connecting = createHostTcp(lookup).connect({ host: 'slow.test', port: 80, timeoutMs: 50 });
    await expect(connecting).rejects.toMatchObject({ kind: 'timed-out', temporary: true });
  });
});
