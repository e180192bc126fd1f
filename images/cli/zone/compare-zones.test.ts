import { expect, it } from 'vitest';
import { parseName } from '../../../shared/protocols/dns/name.ts';
import type { Zone } from '../../../shared/protocols/dns/rrset.ts';
import { readZone } from '../../../shared/protocols/dns/zone-file/read-zone.ts';
import { compareZones } from './compare-zones.ts';

function zoneOf(lines: string, serial = 1): Zone {
  const apex = parseName('example.org');
  if (!apex.ok) throw new Error(apex.error);
  const head = `$TTL 60\n@ SOA ns x ${serial} 7200 3600 1209600 3600\n@ NS ns\nns A 192.0.2.1\n`;
  const zone = readZone({ file: 'zone', read: () => head + lines, origin: apex.value });
  if (!zone.ok) throw new Error(zone.error.errors.map(({ message }) => message).join());
  return zone.value.zone;
}

it('tells each record that one of the two does not have, and TTLs that differ', () => {
  const before = zoneOf('a A 192.0.2.2\na A 192.0.2.3\nb 60 TXT same\nc TXT gone\n');
  const after = zoneOf('a A 192.0.2.2\na A 192.0.2.4\nb 90 TXT same\n');
  expect(compareZones(before, after)).toEqual([
    '- a.example.org.\t60\tIN\tA\t192.0.2.3',
    '- b.example.org.\t60\tIN\tTXT\t"same"',
    '- c.example.org.\t60\tIN\tTXT\t"gone"',
    '+ a.example.org.\t60\tIN\tA\t192.0.2.4',
    '+ b.example.org.\t90\tIN\tTXT\t"same"',
  ]);
});

it('passes over serials, and what every signer makes by itself', () => {
  const key =
    '@ DNSKEY 257 3 13 mdsswUyr3DPW132mOi8V9xESWE8jTo0dxCjjnopKl+GqJxpVXckHAeF+KkxLbxILfDLUT0rAK9iUzy1L53eKGQ==\n';
  expect(compareZones(zoneOf(''), zoneOf(key, 2))).toEqual([]);
});
