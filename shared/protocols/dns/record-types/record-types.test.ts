import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { concatBytes, formatHex } from '../../../base/bytes.ts';
import { TYPE } from '../message.ts';
import { encodeName, lowerName, nameInWire, type Name } from '../name.ts';
import { formatType, isDataType, typeNumber } from './mnemonics.ts';
import { nameEnd } from './names.ts';
import { formatData, parseData } from './presentation.ts';
import { fieldsOf } from './table.ts';
import { arbitraryData, arbitraryName } from './testing/arbitrary-data.ts';
import { tokenize } from './testing/tokenize.ts';
import { canonicalData, checkData, dataFromMessage, namesIn } from './wire.ts';

const knownTypes = Object.values(TYPE).filter(type => fieldsOf(type) !== undefined);

describe('data of each type', () => {
  it('is known by an arbitrary of its own', () => {
    expect([...arbitraryData.keys()].sort()).toEqual([...knownTypes].sort());
  });

  it.each([...arbitraryData].map(([type, data]) => ({ type: formatType(type), number: type, data })))(
    'comes back from the text of $type',
    ({ number, data }) => {
      fc.assert(
        fc.property(data, arbitraryName, (bytes, origin) => {
          expect(checkData(number, bytes)).toBeUndefined();
          const text = formatData(number, bytes);
          const parsed = parseData(number, tokenize(text), origin);
          expect(parsed.ok ? formatHex(parsed.value) : `${parsed.error} in ${text}`).toBe(formatHex(bytes));
        }),
        { numRuns: 60 },
      );
    },
  );

  it('comes back from the form of unknown types, known or not (RFC 3597 §5)', () => {
    const data = fc
      .constantFrom(...arbitraryData)
      .chain(([type, bytes]) => fc.tuple(fc.constant(type), bytes));
    fc.assert(
      fc.property(data, ([type, bytes]) => {
        const tokens = tokenize(`\\# ${bytes.length} ${formatHex(bytes)}`);
        expect(parseData(type, tokens, [])).toEqual({ ok: true, value: bytes });
      }),
    );
  });

  it('never throws, whatever bytes it is of', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...knownTypes, 19, 65_280),
        fc.uint8Array({ maxLength: 80 }),
        (type, bytes) => {
          checkTotal(type, bytes);
        },
      ),
      { numRuns: 3_000 },
    );
  });

  it('never throws where well-formed data was cut or changed', () => {
    const changed = fc
      .constantFrom(...arbitraryData)
      .chain(([type, bytes]) =>
        fc.tuple(fc.constant(type), bytes, fc.nat(), fc.nat({ max: 255 }), fc.boolean()),
      );
    fc.assert(
      fc.property(changed, ([type, bytes, at, value, isCut]) => {
        const other = isCut ? bytes.slice(0, at % (bytes.length + 1)) : Uint8Array.from(bytes);
        if (!isCut && other.length > 0) other[at % other.length] = value;
        checkTotal(type, other);
      }),
      { numRuns: 3_000 },
    );
  });

  it('never throws on any text', () => {
    const word = fc.oneof(
      fc.string({ maxLength: 12 }),
      fc.constantFrom('\\#', '.', '-', '0', '1', 'A', 'port=', 'key1=a', '1:0.0.0.0/0', 'N', '!'),
    );
    const token = fc.record({ text: word, quoted: fc.boolean() });
    fc.assert(
      fc.property(fc.constantFrom(...knownTypes), fc.array(token, { maxLength: 9 }), (type, tokens) => {
        const parsed = parseData(type, tokens, []);
        if (parsed.ok) expect(checkData(type, parsed.value)).toBeUndefined();
      }),
      { numRuns: 3_000 },
    );
  });
});

/** What is well-formed comes back from its text, and what is not is told as such everywhere. */
function checkTotal(type: number, bytes: Uint8Array): void {
  const fault = checkData(type, bytes);
  const text = formatData(type, bytes);
  const parsed = parseData(type, tokenize(text), []);
  expect(parsed.ok).toBe(fault === undefined);
  expect(dataFromMessage(bytes, type, 0, bytes.length).ok || fault !== undefined).toBe(true);
  expect(canonicalData(type, bytes).length).toBe(bytes.length);
  for (const { offset } of namesIn(type, bytes)) expect(offset).toBeLessThan(bytes.length);
}

describe('names in data', () => {
  // RFC 4034 §6.2 without NSEC (RFC 6840 §5.1) and HINFO, which has no name.
  const lowered = [
    ...['NS', 'MD', 'MF', 'CNAME', 'SOA', 'MB', 'MG', 'MR', 'PTR', 'MINFO', 'MX', 'RP', 'AFSDB', 'RT', 'SIG'],
    ...['PX', 'NAPTR', 'KX', 'SRV', 'DNAME', 'RRSIG'],
  ];
  // RFC 3597 §4: those of RFC 1035, and what a receiver must decompress besides.
  const compressible = ['NS', 'MD', 'MF', 'CNAME', 'SOA', 'MB', 'MG', 'MR', 'PTR', 'MINFO', 'MX'];
  const decompressed = [...compressible, 'RP', 'AFSDB', 'RT', 'SIG', 'PX', 'NAPTR', 'SRV'];

  function typesWith(rule: 'lowerCase' | 'compressible' | 'decompress'): string[] {
    return knownTypes
      .filter(type => fieldsOf(type)?.some(({ rules }) => rules?.[rule] === true))
      .map(formatType)
      .sort();
  }

  it('are in lower case in the canonical form of the listed types, and in no other', () => {
    expect(typesWith('lowerCase')).toEqual([...lowered].sort());
    fc.assert(
      fc.property(arbitraryName, owner => {
        const data = concatBytes([Uint8Array.of(0, 10), nameInWire(owner)]);
        const lower = concatBytes([Uint8Array.of(0, 10), nameInWire(lowerName(owner))]);
        expect(canonicalData(TYPE.MX, data)).toEqual(lower);
        expect(canonicalData(TYPE.LP, data)).toBe(data);
      }),
    );
  });

  it('are compressed and decompressed in the types that RFC 3597 §4 lists', () => {
    expect(typesWith('compressible')).toEqual([...compressible].sort());
    expect(typesWith('decompress')).toEqual([...decompressed].sort());
  });

  it('are found where they begin', () => {
    const soa = concatBytes([nameInWire(labels('a', 'bc')), nameInWire([]), new Uint8Array(20)]);
    expect(namesIn(TYPE.SOA, soa)).toEqual([
      { offset: 0, compressible: true },
      { offset: 6, compressible: true },
    ]);
    const srv = concatBytes([new Uint8Array(6), nameInWire(labels('a'))]);
    expect(namesIn(TYPE.SRV, srv)).toEqual([{ offset: 6, compressible: false }]);
    expect(namesIn(TYPE.TXT, Uint8Array.of(1, 0x61))).toEqual([]);
  });

  it('are made whole from a message, with their pointers followed', () => {
    const message = new Uint8Array(40);
    const end = encodeName(labels('example', 'com'), message, 12);
    message.set([0, 10, 1, 0x6d, 0xc0, 12], end);
    const whole = concatBytes([Uint8Array.of(0, 10), nameInWire(labels('m', 'example', 'com'))]);
    expect(dataFromMessage(message, TYPE.MX, end, end + 6)).toEqual({ ok: true, value: whole });
    expect(dataFromMessage(message, TYPE.MX, end, end + 5).ok).toBe(false);
    expect(dataFromMessage(message, TYPE.MX, end, end + 7).ok).toBe(false);
  });

  it('come back from pointers, wherever they are in the data', () => {
    const decompressed = [...arbitraryData].filter(([type]) =>
      fieldsOf(type)?.some(({ rules }) => rules?.decompress === true),
    );
    const data = fc
      .constantFrom(...decompressed)
      .chain(([type, bytes]) => fc.tuple(fc.constant(type), bytes));
    fc.assert(
      fc.property(data, ([type, bytes]) => {
        // The names stand before the data, which has a pointer in the place of each.
        const before: Uint8Array[] = [new Uint8Array(12)];
        const after: Uint8Array[] = [];
        let copied = 0;
        for (const { offset } of namesIn(type, bytes)) {
          const at = concatBytes(before).length;
          const end = nameEnd(bytes, offset);
          before.push(bytes.subarray(offset, end));
          after.push(bytes.subarray(copied, offset), Uint8Array.of(0xc0 | (at >> 8), at & 0xff));
          copied = end;
        }
        after.push(bytes.subarray(copied));
        const message = concatBytes([...before, ...after]);
        const start = concatBytes(before).length;
        expect(dataFromMessage(message, type, start, message.length)).toEqual({ ok: true, value: bytes });
      }),
      { numRuns: 500 },
    );
  });

  it('are refused with pointers where the type may have none', () => {
    const message = new Uint8Array(40);
    const end = encodeName(labels('com'), message, 12);
    message.set([0, 10, 0xc0, 12], end);
    for (const type of [TYPE.DNAME, TYPE.NSEC, TYPE.KX, TYPE.LP])
      expect(dataFromMessage(message, type, end, end + 4).ok).toBe(false);
  });
});

describe('a type', () => {
  it('has a mnemonic or a number, in either case', () => {
    expect(typeNumber('aAaA')).toBe(TYPE.AAAA);
    expect(typeNumber('type28')).toBe(TYPE.AAAA);
    expect(typeNumber('TYPE65535')).toBe(65_535);
    for (const text of ['TYPE65536', 'TYPE', 'TYPE-1', 'TYPE1e3', 'AAAAA', '', '28'])
      expect(typeNumber(text)).toBeUndefined();
    for (let type = 0; type <= 0xffff; type++) expect(typeNumber(formatType(type))).toBe(type);
  });

  it('may stand in a zone unless it is for messages (RFC 6895 §3.1)', () => {
    for (const type of [0, TYPE.OPT, TYPE.NXNAME, TYPE.TSIG, TYPE.ANY]) expect(isDataType(type)).toBe(false);
    for (const type of [TYPE.A, 127, TYPE.URI, 65_535]) expect(isDataType(type)).toBe(true);
    expect(parseData(TYPE.ANY, tokenize('\\# 0'), []).ok).toBe(false);
  });
});

function labels(...texts: readonly string[]): Name {
  return texts.map(text => Uint8Array.from(text, character => character.charCodeAt(0)));
}
