import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseName } from '../../shared/protocols/dns/name.ts';
import { readZone } from '../../shared/protocols/dns/zone-file/read-zone.ts';
import { nextSerial, serialOf, withSerial } from './serial.ts';

const NOW = 1_795_000_000;

describe('nextSerial()', () => {
  it('begins with Unix time, or with the file where that is later', () => {
    expect(nextSerial(1, undefined, NOW)).toBe(NOW);
    expect(nextSerial(2_026_112_301, undefined, NOW)).toBe(2_026_112_301);
  });

  it('goes up twice in one second, and where the clock was set back', () => {
    expect(nextSerial(1, { serial: NOW, atSeconds: NOW }, NOW)).toBe(NOW + 1);
    expect(nextSerial(1, { serial: NOW, atSeconds: NOW }, NOW - 86_400)).toBe(NOW + 1);
  });

  it('wraps (RFC 1982)', () => {
    expect(nextSerial(0xffff_fff0, { serial: 0xffff_ffff, atSeconds: 0x9000_0000 }, 0x9000_0000)).toBe(0);
  });

  it('leads above what was shown since the snapshot that was restored', () => {
    const times = fc.array(fc.integer({ min: 0, max: 1_000_000 }), { minLength: 2, maxLength: 20 });
    fc.assert(
      fc.property(
        times,
        fc.nat(19),
        fc.integer({ min: 0, max: 2_100_000_000 }),
        (offsets, at, fileSerial) => {
          // Two versions in one second are possible for one process alone, never across a restore.
          const seconds = [...new Set(offsets)]
            .sort((left, right) => left - right)
            .map(offset => NOW + offset);
          const shown: { serial: number; atSeconds: number }[] = [];
          for (const atSeconds of seconds)
            shown.push({ serial: nextSerial(fileSerial, shown.at(-1), atSeconds), atSeconds });
          const snapshot = shown[at % shown.length]!;
          const last = shown.at(-1)!;
          expect(nextSerial(fileSerial, snapshot, last.atSeconds + 1)).toBeGreaterThan(last.serial);
        },
      ),
    );
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
