import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readEarlyConfiguration } from './early-configuration.ts';
import { backOffMs, describeCause, readFaultNote, writeFaultNote } from './faults.ts';
import { formatBytes } from './format-bytes.ts';
import { networkTable, timeTable } from './network-configuration.ts';
import { formatResolvConf } from './network/resolv-conf.ts';
import { EARLIEST_MS, LATEST_MS } from './time/limits.ts';
import { chooseStartTime } from './time/start-clock.ts';

describe('backOffMs()', () => {
  it('is 1 s after the first fault and 5 min after many', () => {
    expect([1, 2, 3, 4, 9, 10, 1000].map(backOffMs)).toEqual([1e3, 2e3, 4e3, 8e3, 256e3, 300e3, 300e3]);
  });
});

describe('the fault note', () => {
  it('keeps the whole cause', () => {
    const folder = mkdtempSync(join(tmpdir(), 'lares-fault-'));
    const cause = describeCause(new Error('outer', { cause: new Error('inner') }));
    expect(readFaultNote(folder)).toBeUndefined();
    writeFaultNote(folder, { atMs: 1, cause, inARow: 2 });
    expect(readFaultNote(folder)).toEqual({ atMs: 1, cause, inARow: 2 });
    expect(cause).toMatch(/outer[^]*caused by Error: inner/);
    rmSync(folder, { recursive: true });
  });
  it('ends for a cause that is its own cause', () => {
    const error = new Error('round');
    error.cause = error;
    expect(describeCause(error).length).toBeLessThanOrEqual(4_000);
  });
});

describe('chooseStartTime()', () => {
  const later = EARLIEST_MS + 86_400_000;
  it('believes a hardware clock that is ahead of all that was seen', () => {
    expect(chooseStartTime(later, EARLIEST_MS + 1)).toEqual({ source: 'hardware clock' });
    expect(chooseStartTime(later, undefined)).toEqual({ source: 'hardware clock' });
  });
  it('takes the newest time on the volume where the hardware has lost its own', () => {
    expect(chooseStartTime(0, later)).toEqual({ setToMs: later, source: 'newest time on the data volume' });
    expect(chooseStartTime(0, undefined)).toMatchObject({ setToMs: EARLIEST_MS });
  });
  it('believes no time that cannot be', () => {
    expect(chooseStartTime(LATEST_MS + 1, undefined)).toMatchObject({ setToMs: EARLIEST_MS });
    expect(chooseStartTime(later, LATEST_MS + 1)).toEqual({ source: 'hardware clock' });
  });
});

describe('readEarlyConfiguration()', () => {
  const read = (text: string) => readEarlyConfiguration([{ origin: 'test', text }], 'web-service');
  it('takes its own tables and nothing else', () => {
    const early = read(
      '[appliance]\nhostname = "pi"\n[network]\nipv4 = "off"\n[time]\nservers = []\n[web-service]\nx = 1',
    );
    expect(early).toMatchObject({
      hostname: 'pi',
      network: { ipv4: 'off', ipv6: 'automatic' },
      time: { servers: [] },
    });
  });
  it.each(['[network', '[network]\nipv4 = "dchp"', '[network]\ntypo = 1', '[appliance]\nhostname = "-"', ''])(
    'comes up by DHCP where the text is %j',
    text => {
      expect(read(text)).toMatchObject({
        hostname: 'web-service',
        network: { ipv4: 'dhcp', ipv6: 'automatic' },
      });
    },
  );
});

describe('the tables of the machine', () => {
  it('say what would be right', () => {
    const result = networkTable.safeParse({ addresses: ['10.0.0.1'], gateways: ['here'], 'mtu-bytes': 500 });
    expect(result.error?.issues.map(issue => issue.path.join('.'))).toEqual([
      'addresses.0',
      'gateways.0',
      'mtu-bytes',
    ]);
    expect(result.error?.issues[0]?.message).toContain('such as "192.0.2.10/24"');
    expect(timeTable.safeParse({ servers: ['bad name'] }).success).toBe(false);
  });
});

describe('formatResolvConf()', () => {
  it('names at most three servers, each once', () => {
    expect(formatResolvConf(['9.9.9.9', '9.9.9.9', '::1', '1.1.1.1', '8.8.8.8'], 'example.org')).toBe(
      'nameserver 9.9.9.9\nnameserver ::1\nnameserver 1.1.1.1\nsearch example.org\n',
    );
    expect(formatResolvConf([], undefined)).toBe('');
  });
});

describe('formatBytes()', () => {
  it('takes the largest unit that leaves a whole part', () => {
    expect([0, 1023, 1024, 1.5 * 2 ** 30, 2 ** 40].map(formatBytes)).toEqual([
      '0 bytes',
      '1023 bytes',
      '1 KiB',
      '1.5 GiB',
      '1 TiB',
    ]);
  });
});
