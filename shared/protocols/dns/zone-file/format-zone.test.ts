import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatHex } from '../../../base/bytes.ts';
import { TYPE } from '../message.ts';
import { formatName, nameBytes, NAME_MAX_BYTES, type Name } from '../name.ts';
import { arbitraryData, arbitraryName } from '../record-types/testing/arbitrary-data.ts';
import { compareCanonical, type Zone } from '../rrset.ts';
import { ZoneAssembler } from './assemble-zone.ts';
import { canonicalKey, parentKey } from './canonical-key.ts';
import { FaultList } from './fault.ts';
import { formatZone } from './format-zone.ts';
import { parseZoneFile } from './parse-zone-file.ts';
import { readZone } from './read-zone.ts';

interface Made {
  readonly apex: Name;
  readonly records: readonly { readonly below: Name; readonly type: number; readonly data: Uint8Array }[];
}

const record = fc
  .constantFrom(...arbitraryData)
  .chain(([type, data]) => fc.record({ below: arbitraryName, type: fc.constant(type), data }));
const made: fc.Arbitrary<Made> = fc
  .record({ apex: arbitraryName, records: fc.array(record, { maxLength: 12 }) })
  .filter(({ apex, records }) =>
    records.every(({ below }) => nameBytes([...below, ...apex]) <= NAME_MAX_BYTES),
  );

function assemble({ apex, records }: Made): Zone {
  const assembler = new ZoneAssembler(apex, new FaultList());
  const place = { file: '', line: 0 };
  for (const { below, type, data } of records)
    assembler.add({ owner: [...below, ...apex], type, ttlSeconds: type, data }, place);
  return assembler.finish().zone;
}

function show({ rrsets }: Zone): string[] {
  return [...rrsets].map(
    ({ owner, type, ttlSeconds, data }) =>
      `${formatName(owner)} ${type} ${ttlSeconds} ${data.map(one => formatHex(one)).join(' ')}`,
  );
}

describe('a zone as a master file', () => {
  it('is the same zone when read again, whatever its names and data', () => {
    fc.assert(
      fc.property(made, arbitraryName, (contents, origin) => {
        const zone = assemble(contents);
        const faults = new FaultList();
        const again = new ZoneAssembler(contents.apex, faults);
        const text = formatZone(zone);
        parseZoneFile({ file: 'zone', read: () => text, origin }, again);
        expect(faults.errors).toEqual([]);
        expect(show(again.finish().zone)).toEqual(show(zone));
      }),
      { numRuns: 500 },
    );
  });

  it('begins with the SOA', () => {
    const origin = [Uint8Array.of(0x61)];
    const text = 'a. 5 A 192.0.2.1\na. 5 SOA ns.test. x. 1 2 3 4 5\na. 5 NS ns.test.\n';
    const read = readZone({ file: 'zone', read: () => text, origin });
    expect(read.ok && formatZone(read.value.zone)).toBe(
      'a.\t5\tIN\tSOA\tns.test. x. 1 2 3 4 5\na.\t5\tIN\tA\t192.0.2.1\na.\t5\tIN\tNS\tns.test.\n',
    );
  });
});

describe('a zone from records in any order', () => {
  it('is in canonical order, each RRset once (RFC 4034 §6.1, RFC 2181 §5)', () => {
    fc.assert(
      fc.property(made, contents => {
        const rrsets = [...assemble(contents).rrsets];
        for (const [index, right] of rrsets.entries()) {
          const left = rrsets[index - 1];
          if (left === undefined) continue;
          const order = compareCanonical(left.owner, right.owner);
          expect(order).toBeLessThanOrEqual(0);
          // Signatures are sets by what they cover.
          if (order === 0 && right.type !== TYPE.RRSIG) expect(left.type).toBeLessThan(right.type);
        }
      }),
    );
  });
});

describe('the key of a name', () => {
  it('sorts as names do, and begins with that of the name above', () => {
    fc.assert(
      fc.property(arbitraryName, arbitraryName, (left, right) => {
        const keys = [canonicalKey(left), canonicalKey(right)] as const;
        const order = keys[0] < keys[1] ? -1 : keys[0] > keys[1] ? 1 : 0;
        expect(order).toBe(Math.sign(compareCanonical(left, right)));
        expect(parentKey(keys[0])).toBe(left.length === 0 ? undefined : canonicalKey(left.slice(1)));
      }),
      { numRuns: 1_000 },
    );
  });
});

describe('any text', () => {
  it('is a zone or has faults, and never throws', () => {
    const word = fc.constantFrom(
      ...[
        '@',
        'a',
        '*.b',
        'x.a',
        '60',
        'IN',
        'SOA',
        'NS',
        'A',
        'MX',
        'CNAME',
        'DNAME',
        'DS',
        'CDS',
        'NSEC',
        'TXT',
      ],
      ...[
        'ns1',
        '192.0.2.1',
        '1',
        '13',
        '2',
        '00',
        '.',
        '\n',
        '\n',
        '\n',
        '(',
        ')',
        '"',
        '\\',
        ';',
        '\\# 0',
        'TYPE7',
      ],
      ...[
        '$ORIGIN a.',
        '$TTL 5',
        '$GENERATE 1-2 $ A 192.0.2.$',
        '$INCLUDE zone',
        'RRSIG',
        'HTTPS',
        'alpn="h2"',
      ],
    );
    fc.assert(
      fc.property(fc.array(word, { maxLength: 60 }), words => {
        const text = `@ 60 SOA ns1 x 1 2 3 4 5\n@ 60 NS ns1\nns1 60 A 192.0.2.1\n${words.join(' ')}`;
        const read = readZone({ file: 'zone', read: () => text, origin: [] });
        if (!read.ok) expect(read.error.errorCount).toBeGreaterThan(0);
      }),
      { numRuns: 3_000 },
    );
  });
});
