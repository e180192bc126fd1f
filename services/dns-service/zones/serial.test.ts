import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseName } from '../../../shared/protocols/dns/name.ts';
import { readZone } from '../../../shared/protocols/dns/zone-file/read-zone.ts';
import { nextSerial, serialAtStart, serialOf, withSerial, type KeptSerial } from './serial.ts';

const NOW = 1_795_000_000;
const NOW_MS = NOW * 1_000;

describe('nextSerial()', () => {
  it('begins with Unix time, or with the file where that is later', () => {
    expect(nextSerial(1, undefined, NOW_MS)).toBe(NOW);
    expect(nextSerial(2_026_112_301, undefined, NOW_MS)).toBe(2_026_112_301);
  });

  it('goes up twice in one second, and where the clock was set back', () => {
    expect(nextSerial(1, { serial: NOW, atMs: NOW_MS }, NOW_MS)).toBe(NOW + 1);
    expect(nextSerial(1, { serial: NOW, atMs: NOW_MS }, NOW_MS - 86_400_000)).toBe(NOW + 1);
  });

  it('follows an edit that raises it itself', () => {
    expect(nextSerial(2_026_112_301, { serial: NOW, atMs: NOW_MS }, NOW_MS)).toBe(2_026_112_301);
  });

  it('wraps (RFC 1982)', () => {
    const nowMs = 0x9000_0000 * 1_000;
    expect(nextSerial(0xffff_fff0, { serial: 0xffff_ffff, atMs: nowMs }, nowMs)).toBe(0);
  });
});

describe('serialAtStart()', () => {
  it('leads above what was shown since the snapshot that was restored, however often was changed and started', () => {
    const steps = fc.array(
      fc.record({ waitMs: fc.integer({ min: 20, max: 2_000_000 }), start: fc.boolean() }),
      { minLength: 2, maxLength: 30 },
    );
    const fileSerial = fc.integer({ min: 0, max: 2_100_000_000 });
    fc.assert(
      fc.property(steps, fc.nat(29), fileSerial, (history, at, file) => {
        let nowMs = NOW_MS;
        const shown: KeptSerial[] = [];
        for (const { waitMs, start } of history) {
          nowMs += waitMs;
          const serial = (start ? serialAtStart : nextSerial)(file, shown.at(-1), nowMs);
          shown.push({ serial, atMs: nowMs });
        }
        const snapshot = shown[at % shown.length]!;
        const last = shown.at(-1)!;
        expect(serialAtStart(file, snapshot, last.atMs + 20)).toBeGreaterThan(last.serial);
      }),
    );
  });

  it('never takes a step that is none (RFC 1982 §3.1)', () => {
    const kept = { serial: NOW, atMs: NOW_MS };
    const later = serialAtStart(1, kept, NOW_MS + 20 * 365 * 86_400_000);
    expect((later - NOW) | 0).toBeGreaterThan(0);
  });
});

it('withSerial() changes the serial alone', () => {
  const apex = parseName('example');
  if (!apex.ok) throw new Error(apex.error);
  const text = '$TTL 60\n@ SOA ns hostmaster 7 1d 2h 4w 5m\n@ NS ns\nns A 192.0.2.1\n';
  const read = readZone({ file: 'zone', read: () => text, origin: apex.value });
  if (!read.ok) throw new Error('the zone is right');
  const { zone } = read.value;
  const changed = withSerial(zone, 4_000_000_000);
  expect(serialOf(zone)).toBe(7);
  expect(serialOf(changed)).toBe(4_000_000_000);
  expect(withSerial(changed, 7)).toEqual(zone);
});
