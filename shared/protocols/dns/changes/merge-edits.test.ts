import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatAbsoluteName } from '../absolute-name.ts';
import { name } from '../answer/testing/ask.ts';
import { randomZone } from '../answer/testing/random-zone.ts';
import { readZone } from '../zone-file/read-zone.ts';
import type { Zone } from '../rrset.ts';
import { formatZone } from '../zone-file/format-zone.ts';
import { mergeEdits } from './merge-edits.ts';
import { recordKey } from './rrset-identity.ts';

const HEAD = '$TTL 60\n@ SOA ns hostmaster 1 1d 2h 4w 5m\n@ NS ns\nns A 192.0.2.1\n';

function zone(lines: string): Zone {
  const read = readZone({ file: 'zone', read: () => HEAD + lines, origin: name('zone.test') });
  if (!read.ok) throw new Error(read.error.errors[0]?.message);
  return read.value.zone;
}

/** The records beside those of {@link HEAD}, in short. */
function lines(merged: Zone): string[] {
  return formatZone(merged)
    .replaceAll('\t', ' ')
    .split('\n')
    .filter(line => !/ SOA | NS |^ns/.test(line) && line !== '')
    .map(line =>
      line
        .replace(/\.zone\.test\./g, '')
        .replace(' IN', '')
        .replace('192.0.2.', ''),
    );
}

/** RFC 4343 §3: a name that is written otherwise is the same, and stays as it was. */
function records({ rrsets }: Zone): string[] {
  return [...rrsets]
    .flatMap(({ owner, type, ttlSeconds, data }) =>
      data.map(one =>
        [formatAbsoluteName(owner).toLowerCase(), type, ttlSeconds, recordKey(type, one)].join(' '),
      ),
    )
    .sort();
}

describe('mergeEdits()', () => {
  it.each([
    ['keeps what was added otherwise', ['a A 192.0.2.2', '', 'b A 192.0.2.3'], ['a 60 A 2', 'b 60 A 3']],
    ['keeps away what was removed', ['', 'a A 192.0.2.2', 'a A 192.0.2.2\nb A 192.0.2.3'], ['b 60 A 3']],
    [
      'removes what the file has no more',
      ['a A 192.0.2.2\na A 192.0.2.9', 'a A 192.0.2.2', ''],
      ['a 60 A 9'],
    ],
    [
      'adds to a set that was changed',
      ['a A 192.0.2.9', 'a A 192.0.2.2', 'a A 192.0.2.2\na A 192.0.2.3'],
      ['a 60 A 9', 'a 60 A 3'],
    ],
    [
      'takes the TTL of the file that changed it',
      ['a A 192.0.2.2\na A 192.0.2.3', 'a A 192.0.2.2', 'a 5 A 192.0.2.2'],
      ['a 5 A 2', 'a 5 A 3'],
    ],
    ['adds once what both added', ['a A 192.0.2.2', '', 'a A 192.0.2.2'], ['a 60 A 2']],
  ])('%s', (_what, [current = '', before = '', after = ''], expected) => {
    const merged = mergeEdits(zone(current), { before: zone(before), after: zone(after) });
    expect(lines(merged)).toEqual(expected);
  });

  it('takes whole names of the file where asked', () => {
    const edit = { before: zone(''), after: zone('a CNAME b\nb A 192.0.2.3') };
    const merged = mergeEdits(zone('a A 192.0.2.2\nc A 192.0.2.4'), edit, 'name');
    expect(lines(merged)).toEqual(['a 60 CNAME b', 'b 60 A 3', 'c 60 A 4']);
  });

  it('makes the new file of the old one, and leaves alone what was not edited, whatever they are', () => {
    fc.assert(
      fc.property(randomZone, randomZone, (one, other) => {
        expect(records(mergeEdits(one, { before: one, after: other }))).toEqual(records(other));
        expect(records(mergeEdits(one, { before: other, after: other }))).toEqual(records(one));
      }),
      { numRuns: 100 },
    );
  });
});
