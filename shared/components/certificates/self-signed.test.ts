import { X509Certificate } from 'node:crypto';
import { beforeEach, describe, expect, it } from 'vitest';
import { encodeUtf8 } from '../../base/bytes.ts';
import type { Clock } from '../../devices/clock.ts';
import { DeviceError } from '../../devices/device-error.ts';
import type { KeyValue } from '../../devices/key-value.ts';
import type { Log } from '../../devices/log.ts';
import { openSelfSignedCertificate } from './self-signed.ts';

const DAY_MS = 86_400_000;
const NAMES = ['example.org', '192.0.2.7'];

let nowMs: number;
let stored: Map<string, Uint8Array<ArrayBuffer>>;
let warnings: string[];
beforeEach(() => {
  nowMs = Date.UTC(2026, 10, 23);
  stored = new Map();
  warnings = [];
});

function open(names: readonly string[] = NAMES) {
  const keyValue: Pick<KeyValue, 'get' | 'put'> = {
    async get(key) {
      const value = stored.get(key);
      if (value?.length === 0) throw new DeviceError('corrupt', `${key} is damaged`);
      return value;
    },
    put: async (key, value) => void stored.set(key, Uint8Array.from(value)),
  };
  const log: Pick<Log, 'warn'> = { warn: (_fields, message) => void warnings.push(message) };
  const clock: Pick<Clock, 'now'> = { now: () => nowMs };
  return openSelfSignedCertificate(names, {
    keyValue: keyValue as KeyValue,
    log: log as Log,
    clock: clock as Clock,
  });
}

describe('openSelfSignedCertificate()', () => {
  it('makes one for the names, good now and for most of a year', async () => {
    const certificate = await open();
    const { certificateChainPem } = certificate.credentials();
    const x509 = new X509Certificate(certificateChainPem);
    expect(x509.checkHost('example.org')).toBe('example.org');
    expect(x509.checkIP('192.0.2.7')).toBe('192.0.2.7');
    expect(Date.parse(x509.validFrom)).toBe(nowMs - DAY_MS);
    expect(Date.parse(x509.validTo)).toBe(certificate.validUntilMs());
    expect(certificate.validUntilMs()).toBe(nowMs + 364 * DAY_MS);
  });

  it('is the same after a restart', async () => {
    const first = (await open()).credentials();
    expect((await open()).credentials()).toEqual(first);
  });

  it('is made anew for other names', async () => {
    const first = (await open()).credentials();
    expect((await open(['example.net'])).credentials().privateKeyPem).not.toBe(first.privateKeyPem);
  });

  it('is renewed when a third of its life is left, and is live and kept at once', async () => {
    const certificate = await open();
    const first = certificate.credentials();
    nowMs += 242 * DAY_MS;
    expect(await certificate.renewIfDue()).toBe(false);
    nowMs += 2 * DAY_MS;
    expect(await certificate.renewIfDue()).toBe(true);
    expect(certificate.credentials()).not.toEqual(first);
    expect(await certificate.renewIfDue()).toBe(false);
    expect((await open()).credentials()).toEqual(certificate.credentials());
  });

  it('is replaced when a clock that was ahead is set back', async () => {
    const certificate = await open();
    nowMs -= 30 * DAY_MS;
    expect(await certificate.renewIfDue()).toBe(true);
    expect(certificate.validUntilMs()).toBe(nowMs + 364 * DAY_MS);
  });

  it.each([
    ['damaged', new Uint8Array()],
    ['not what it should be', encodeUtf8('{')],
  ])('is made anew, with a warning, where what is kept is %s', async (_what, value) => {
    const first = (await open()).credentials();
    for (const key of stored.keys()) stored.set(key, value);
    expect((await open()).credentials()).not.toEqual(first);
    expect(warnings).toHaveLength(1);
    expect(warnings.join()).not.toContain('PRIVATE');
  });
});
