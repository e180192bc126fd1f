import { beforeEach, expect, it } from 'vitest';
import type { Clock } from '../../devices/clock.ts';
import type { Log } from '../../devices/log.ts';
import type { Endpoint } from '../../devices/tcp.ts';
import { encodeUtf8 } from '../../base/bytes.ts';
import { encodeMessage } from '../../protocols/dns/encode-message.ts';
import { CLASS_IN, decodeMessage, FLAG, TYPE, type Message } from '../../protocols/dns/message.ts';
import { encodeTxtData } from '../../protocols/dns/update.ts';
import { awaitServers } from './await-servers.ts';
import { DnsUpdateError } from './dns-update-error.ts';

const question = { name: [encodeUtf8('_acme-challenge')], type: TYPE.TXT, class: CLASS_IN };
const servers: readonly Endpoint[] = ['192.0.2.1', '192.0.2.2'].map(host => ({ host, port: 53 }));

let nowMs: number;
let warned: number;
beforeEach(() => {
  nowMs = 0;
  warned = 0;
});

const clock = {
  monotonic: () => nowMs,
  sleep: async (ms: number, signal?: AbortSignal) => {
    signal?.throwIfAborted();
    nowMs += ms;
  },
} as Clock;
const log = { warn: () => void warned++ } as unknown as Log;

function answer(...texts: string[]): Message {
  const records = texts.map(text => ({ ...question, ttlSeconds: 60, data: encodeTxtData(encodeUtf8(text)) }));
  const decoded = decodeMessage(
    encodeMessage({ id: 1, flags: FLAG.QR, questions: [question], answers: records }),
  );
  if (!decoded.ok) throw new Error(decoded.error);
  return decoded.value;
}

function wait(ask: (server: Endpoint) => Promise<Message>, signal?: AbortSignal): Promise<void> {
  return awaitServers({ servers, question, value: 'wanted' }, ask, { clock, log }, signal);
}

const dead = (): Promise<never> => Promise.reject(new DnsUpdateError('no answer'));

it('waits for the last server, and asks none again that showed the value', async () => {
  const asked: string[] = [];
  await wait(async ({ host }) => {
    asked.push(host);
    return host === '192.0.2.1' || nowMs >= 10_000 ? answer('another', 'wanted') : answer('another');
  });
  expect(nowMs).toBe(10_000);
  expect(asked.filter(host => host === '192.0.2.1')).toHaveLength(1);
});

it('goes on without a server that does not answer, and says so', async () => {
  await wait(async ({ host }) => (host === '192.0.2.2' ? dead() : answer('wanted')));
  expect(warned).toBe(1);
});

it('fails where no server answers', async () => {
  await expect(wait(dead)).rejects.toThrow('no name server of the zone answers');
});

it('names the servers that do not show the value in time', async () => {
  const late = wait(async ({ host }) => (host === '192.0.2.1' ? answer('wanted') : answer()));
  await expect(late).rejects.toThrow('these name servers do not show the new record: 192.0.2.2;');
  expect(nowMs).toBe(120_000);
});

it('stops when told to', async () => {
  await expect(wait(async () => answer(), AbortSignal.abort(new Error('stopped')))).rejects.toThrow(
    'stopped',
  );
});
