import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { HpackDecoder } from './decoder.ts';
import { EXAMPLES } from './testing/examples.ts';
import { IndexingEncoder, type Field, type Representation } from './testing/indexing-encoder.ts';

/** The fields of a block, or what is wrong with it. */
function read(decoder: HpackDecoder, block: Uint8Array | string): Field[] | string {
  const bytes = typeof block === 'string' ? Uint8Array.fromHex(block) : block;
  const fields: Field[] = [];
  const fault = decoder.decode(bytes, 0, bytes.length, (name, value) => fields.push([name, value]) > 0);
  return fault ?? fields;
}

describe('the examples of RFC 7541', () => {
  it.each(EXAMPLES)('$section', ({ tableBytes, blocks }) => {
    const decoder = new HpackDecoder(tableBytes);
    for (const block of blocks) {
      const fields = block.fields.split('\n').map(line => line.split(/(?<=.): /));
      expect(read(decoder, block.hex)).toEqual(fields);
      expect(decoder.tableBytes).toBe(block.tableBytes);
    }
  });
});

describe('a block is refused', () => {
  it.each([
    ['for index 0 (§6.1)', '80'],
    ['for an index beyond the tables (§2.3.3)', 'be'],
    ['for a name beyond the tables', '7e0161'],
    ['for an index that does not end (§5.1)', 'ff'],
    ['for an index that goes on and on (§5.1)', 'ff8080808000'],
    ['for an integer too large (§5.1)', 'ffffffffff0f'],
    ['for an integer of too many bytes, whatever it is (§5.1)', '0f808080800000'],
    ['without the name', '40'],
    ['without the value', '4001'],
    ['without the value after a name', '400161'],
    ['for a name longer than the block (§5.2)', '40056162'],
    ['for a value longer than the block (§5.2)', '04032f61'],
    ['for a length that does not end', '047f'],
    ['for EOS in a string (§5.2)', '0484ffffffff'],
    ['for EOS and a symbol after it', '0485fffffffc1f'],
    ['for padding of more than 7 bits (§5.2)', '04821fff'],
    ['for padding of 8 bits alone', '0481ff'],
    ['for padding of zeros (§5.2)', '048118'],
    ['for a padding that begins as EOS and does not go on', '0481fe'],
    ['for a table larger than the setting (§6.3)', '3fe21f'],
    ['for a table size after a field (§4.2)', '8220'],
    ['for a table size that does not end', '3f'],
  ])('%s', (_, hex) => {
    expect(read(new HpackDecoder(4096), hex)).toBeTypeOf('string');
  });
});

it('takes strings with no padding, with some, and with the most there may be (§5.2)', () => {
  const decoder = new HpackDecoder(4096);
  expect(read(decoder, '0481f8')).toEqual([[':path', '&']]);
  expect(read(decoder, '048107')).toEqual([[':path', '0']]);
  expect(read(decoder, '04840000007f')).toEqual([[':path', '00000']]);
  expect(read(decoder, '0480')).toEqual([[':path', '']]);
});

it('takes an integer that is written longer than needed', () => {
  expect(read(new HpackDecoder(4096), '0f8080800000')).toEqual([['accept-charset', '']]);
});

describe('the dynamic table', () => {
  it('is emptied by an entry larger than itself, which is no error (§4.4)', () => {
    const decoder = new HpackDecoder(64);
    expect(read(decoder, '4001610162be')).toHaveLength(2);
    read(decoder, `4001617f00${'62'.repeat(127)}`);
    expect(decoder.tableBytes).toBe(0);
    expect(read(decoder, 'be')).toBeTypeOf('string');
  });

  it('takes the name of an entry that goes to make room for the new one (§4.4)', () => {
    const decoder = new HpackDecoder(40);
    expect(read(decoder, '40016101627e0163be')).toEqual([
      ['a', 'b'],
      ['a', 'c'],
      ['a', 'c'],
    ]);
  });

  it('gets smaller and larger as the peer says at the beginning of a block (§4.2)', () => {
    const decoder = new HpackDecoder(4096);
    read(decoder, '4001610162');
    expect(read(decoder, '203fe11f4001630164be')).toHaveLength(2);
    expect(decoder.tableBytes).toBe(34);
    expect(read(decoder, 'bf')).toBeTypeOf('string');
  });
});

it('tells of each field what was judged of it, once for an entry of the table', () => {
  const judged: string[] = [];
  const decoder = new HpackDecoder(80, undefined, (name, value) => {
    judged.push(name + value);
    return value === 'bad' ? 'fault' : undefined;
  });
  const told: unknown[] = [];
  // Two entries fit; the third one makes the first one go.
  const block = Uint8Array.fromHex('40016103626164bebe4001630164bebf4001650166');
  decoder.decode(block, 0, block.length, (name, _, fault) => told.push([name, fault]) > 0);
  expect(judged).toEqual(['abad', 'cd', 'ef']);
  expect(told).toEqual([
    ['a', 'fault'],
    ['a', 'fault'],
    ['a', 'fault'],
    ['c', undefined],
    ['c', undefined],
    ['a', 'fault'],
    ['e', undefined],
  ]);
  const last = Uint8Array.fromHex('bfbe');
  decoder.decode(last, 0, last.length, (name, _, fault) => told.push([name, fault]) > 0);
  expect(told.slice(-2)).toEqual([
    ['c', undefined],
    ['e', undefined],
  ]);
});

describe('generation', () => {
  it.each([
    ['stays with fields of both tables', 'be82', false],
    ['changes with an entry', '4001610162', true],
    ['changes with an entry too large to be kept', `4001617fe11e${'62'.repeat(4064)}`, true],
    ['changes with the size', '20', true],
  ])('%s', (_, hex, changes) => {
    const decoder = new HpackDecoder(4096);
    read(decoder, '4001610162');
    const { generation } = decoder;
    read(decoder, hex);
    expect(decoder.generation !== generation).toBe(changes);
  });
});

it('reads a block to its end for the table, also when no more fields are wanted', () => {
  const decoder = new HpackDecoder(4096);
  const block = Uint8Array.fromHex('400161016240016301640001650166be');
  let told = 0;
  expect(decoder.decode(block, 0, block.length, () => ++told > 1)).toBeUndefined();
  expect(told).toBe(1);
  expect(read(decoder, 'be')).toEqual([['c', 'd']]);
  const broken = Uint8Array.fromHex('8200016182ffff');
  expect(decoder.decode(broken, 0, broken.length, () => false)).toBeTypeOf('string');
});

const text = fc.string({ unit: fc.integer({ min: 0, max: 255 }).map(code => String.fromCharCode(code)) });
const field = fc.record({
  field: fc.tuple(
    fc.oneof(fc.constantFrom('a', 'b', 'cookie', ':path'), text),
    fc.oneof(fc.constantFrom('/', 'x'), text),
  ),
  how: fc.constantFrom<Representation>('indexed', 'literal to index', 'literal', 'literal never indexed'),
  isCoded: fc.boolean(),
});
const block = fc.record({
  sizes: fc.array(fc.integer({ min: 0, max: 200 }), { maxLength: 2 }),
  fields: fc.array(field, { maxLength: 12 }),
});

it('reads what a peer with a table writes', () => {
  fc.assert(
    fc.property(fc.array(block, { maxLength: 6 }), blocks => {
      const encoder = new IndexingEncoder(200);
      const decoder = new HpackDecoder(200);
      for (const { sizes, fields } of blocks) {
        for (const size of sizes) encoder.resize(size);
        for (const { field: pair, how, isCoded } of fields) encoder.add(pair, how, isCoded);
        expect(read(decoder, encoder.finish())).toEqual(fields.map(({ field: pair }) => pair));
      }
    }),
  );
});

it('takes any bytes without throwing, and no block grows its table beyond its size', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 60 }), { maxLength: 5 }), blocks => {
      const decoder = new HpackDecoder(100);
      for (const bytes of blocks) {
        read(decoder, bytes);
        expect(decoder.tableBytes).toBeLessThanOrEqual(100);
      }
    }),
  );
});
