import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { formatHex, viewOf } from '../../shared/base/bytes.ts';
import { TYPE } from '../../shared/protocols/dns/message.ts';
import { decodeName, formatName } from '../../shared/protocols/dns/name.ts';
import { formatType, typeNumber } from '../../shared/protocols/dns/record-types/mnemonics.ts';
import { formatData, parseData } from '../../shared/protocols/dns/record-types/presentation.ts';
import { arbitraryData } from '../../shared/protocols/dns/record-types/testing/arbitrary-data.ts';
import { tokenize } from '../../shared/protocols/dns/record-types/testing/tokenize.ts';
import { createScratch, run, type Scratch } from '../images/scratch.ts';

/** SOA stands at the apex only, and MD and MF are refused as obsolete. ldns does not know what is in its list. */
const NOT_FOR_BIND: readonly number[] = [TYPE.SOA, TYPE.MD, TYPE.MF];
const NOT_FOR_LDNS: readonly number[] = [...NOT_FOR_BIND, TYPE.AVC, TYPE.DSYNC];
/** Knot knows the types that are in use. */
const NOT_FOR_KNOT: readonly number[] = [
  ...NOT_FOR_LDNS,
  ...[TYPE.MB, TYPE.MG, TYPE.MR, TYPE.PX, TYPE.SIG, TYPE.HIP],
];
/** BIND and ldns want a key even where the algorithm says that there is none. */
const IPSECKEY_WITHOUT_KEY = /^\d+ 0 0 \.$/;
const RECORDS_OF_A_TYPE = 20;
/** Always the same: what a peer's own faults are is known for these. */
const SEED = 4034;

interface Sample {
  readonly owner: string;
  readonly type: number;
  readonly hex: string;
  readonly text: string;
}

/** Well-formed data of each type, one record to a name. */
function samples(without: readonly number[]): Sample[] {
  return [...arbitraryData]
    .filter(([type]) => !without.includes(type))
    .flatMap(([type, data]) =>
      fc.sample(data, { numRuns: RECORDS_OF_A_TYPE, seed: SEED }).map((bytes, index) => ({
        owner: `${formatType(type).toLowerCase()}-${index}.example.test`,
        type,
        hex: formatHex(bytes),
        text: formatData(type, bytes),
      })),
    );
}

function zoneFile(records: readonly Sample[]): string {
  const lines = records.map(({ owner, type, text }) => `${owner}. 300 IN ${formatType(type)} ${text}`);
  return ['example.test. 300 IN SOA a. b. 1 2 3 4 5', 'example.test. 300 IN NS a.', ...lines, ''].join('\n');
}

/** Owner and type to data, as hexadecimal digits. */
type Contents = Record<string, string>;

function contents(records: readonly Sample[]): Contents {
  return Object.fromEntries(records.map(({ owner, type, hex }) => [`${owner} ${formatType(type)}`, hex]));
}

/** A zone that another program has written, read by us; without what stands at the apex. */
function readText(text: string): Contents {
  const records = text.split('\n').flatMap(line => {
    const match = /^(\S+)\.\s+\d+\s+IN\s+(\S+)\s+(.*?)(?:\s+;\{.*)?$/.exec(line);
    if (match === null || match[1] === 'example.test') return [];
    const [, owner = '', mnemonic = '', data = ''] = match;
    const type = typeNumber(mnemonic) ?? 0;
    const parsed = parseData(type, tokenize(data), []);
    return [[`${owner} ${formatType(type)}`, parsed.ok ? formatHex(parsed.value) : parsed.error]];
  });
  return Object.fromEntries(records);
}

/** BIND's raw form: a head of 24 bytes, then sets of records, each behind its own length. Without what stands at the apex. */
function readRaw(bytes: Uint8Array): Contents {
  const view = viewOf(bytes);
  const found: Contents = {};
  for (let set = 24; set < bytes.length; set += view.getUint32(set)) {
    const type = view.getUint16(set + 6);
    const owner = decodeName(bytes, set + 20);
    if (!owner.ok) throw new Error(owner.error);
    const length = view.getUint16(owner.value.end);
    const data = bytes.subarray(owner.value.end + 2, owner.value.end + 2 + length);
    if (owner.value.name.length > 2)
      found[`${formatName(owner.value.name)} ${formatType(type)}`] = formatHex(data);
  }
  return found;
}

/**
 * BIND is asked about everything. ldns and Knot err on escapes within lists and names, and take no hashes of algorithms that there are
 * not.
 */
function isPlain({ type, text, hex }: Sample): boolean {
  return !text.includes('\\') && !(type === TYPE.NSEC3 && !hex.startsWith('01'));
}

/** BIND judges what is odd in names and sets as well; here its opinion is asked on data alone. */
const ONLY_DATA = [
  '-q',
  ...['-i', 'none'],
  ...['-k', '-n', '-m', '-r', '-M', '-S', '-W'].flatMap(flag => [flag, 'ignore']),
];

describe('data of each type', () => {
  let scratch: Scratch;
  beforeAll(async () => {
    scratch = await createScratch();
  });
  afterAll(() => scratch[Symbol.asyncDispose]());

  async function write(records: readonly Sample[]): Promise<string> {
    const path = join(scratch.path, 'example.zone');
    await writeFile(path, zoneFile(records));
    return path;
  }

  it('means the same to BIND in text, and comes back from what BIND writes', async () => {
    const records = samples(NOT_FOR_BIND).filter(({ text }) => !IPSECKEY_WITHOUT_KEY.test(text));
    const zone = await write(records);
    const output = join(scratch.path, 'output');
    await run('named-compilezone', ...ONLY_DATA, '-F', 'raw', '-o', output, 'example.test', zone);
    expect(readRaw(await readFile(output))).toEqual(contents(records));
    await run('named-compilezone', ...ONLY_DATA, '-s', 'full', '-o', output, 'example.test', zone);
    expect(readText(await readFile(output, 'utf8'))).toEqual(contents(records));
  });

  it('means the same to ldns in text, and comes back from what ldns writes', async () => {
    // ldns wants a key of KEY and a type of CSYNC.
    const odd = /^49\d{3} \d+ \d+$|^\d+ \d+$/;
    const records = samples(NOT_FOR_LDNS).filter(
      sample => isPlain(sample) && !odd.test(sample.text) && !IPSECKEY_WITHOUT_KEY.test(sample.text),
    );
    const zone = await write(records);
    const types = new Set(records.map(({ type }) => formatType(type)));
    const asUnknown = [...types].flatMap(type => ['-u', type]);
    expect(readText(await run('ldns-read-zone', ...asUnknown, zone))).toEqual(contents(records));
    expect(readText(await run('ldns-read-zone', zone))).toEqual(contents(records));
  });

  it('is read by Knot', async () => {
    // Knot wants a key of KEY, and old types by their numbers.
    const odd = /^49\d{3} \d+ \d+$|\bM[BDFGR]\b|\bMINFO\b/;
    const records = samples(NOT_FOR_KNOT).filter(sample => isPlain(sample) && !odd.test(sample.text));
    const zone = await write(records);
    // Of two errors in one zone, such as signatures without keys, Knot tells in other lines.
    const complaints = await run('kzonecheck', '-v', '-d', 'off', '-o', 'example.test', zone).catch(
      (error: { readonly stdout: string }) => error.stdout,
    );
    expect(complaints.split('\n').filter(line => line.includes('zone loader'))).toEqual([]);
  });
});
