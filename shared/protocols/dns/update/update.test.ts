import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { name } from '../answer/testing/ask.ts';
import { randomZone } from '../answer/testing/random-zone.ts';
import { formatAbsoluteName, parseNameAt } from '../absolute-name.ts';
import { encodeMessage, headerFlags, type RecordToEncode } from '../encode-message.ts';
import { CLASS_ANY, CLASS_IN, CLASS_NONE, decodeMessage, OPCODE, RCODE, TYPE } from '../message.ts';
import { formatType, typeNumber } from '../record-types/mnemonics.ts';
import { formatData, parseData } from '../record-types/presentation.ts';
import { tokenize } from '../record-types/testing/tokenize.ts';
import type { Zone } from '../rrset.ts';
import { readZone } from '../zone-file/read-zone.ts';
import { decodeUpdate, type UpdateRequest } from './decode-update.ts';
import { processUpdate } from './process-update.ts';
import { mayUpdate, parseNamePattern, type UpdateGrant } from './update-policy.ts';

const APEX = name('example.org');
const TEXT = [
  '$TTL 60',
  '@ SOA ns hostmaster 7 7200 3600 1209600 60',
  '@ NS ns',
  '@ NS ns2',
  '@ MX 10 mail',
  'ns A 192.0.2.1',
  'ns2 A 192.0.2.2',
  'mail A 192.0.2.3',
  'mail A 192.0.2.4',
  'alias CNAME mail',
  'txt TXT "one"',
].join('\n');

function zoneOf(text: string): Zone {
  const read = readZone({ file: 'zone', read: () => `${text}\n`, origin: APEX });
  if (!read.ok) throw new Error(JSON.stringify(read.error.errors));
  return read.value.zone;
}

/** One line of nsupdate(1): `prereq yxdomain NAME`, `update add NAME TTL TYPE DATA`, … */
function record(line: string): { readonly isPrerequisite: boolean; readonly record: RecordToEncode } {
  const [section, verb, owner = '', ...rest] = line.split(' ');
  const ttlSeconds = verb === 'add' ? Number(rest.shift()) : 0;
  const [type = 'ANY', ...data] = rest;
  const isBare = data.length === 0;
  const parsed = isBare ? undefined : parseData(typeNumber(type)!, tokenize(data.join(' ')), APEX);
  if (parsed?.ok === false) throw new Error(parsed.error);
  const at = parseNameAt(owner, APEX);
  if (!at.ok) throw new Error(at.error);
  const absent = verb === 'nxdomain' || verb === 'nxrrset' || (verb === 'delete' && !isBare);
  const classNumber = absent ? CLASS_NONE : isBare ? CLASS_ANY : CLASS_IN;
  return {
    isPrerequisite: section === 'prereq',
    record: {
      name: at.value,
      type: type === 'ANY' ? TYPE.ANY : typeNumber(type)!,
      class: classNumber,
      ttlSeconds,
      data: parsed?.value ?? new Uint8Array(),
    },
  };
}

function requestOf(records: readonly ReturnType<typeof record>[]): ReturnType<typeof decodeUpdate> {
  const bytes = encodeMessage({
    id: 1,
    flags: headerFlags(OPCODE.UPDATE, 0),
    questions: [{ name: APEX, type: TYPE.SOA, class: CLASS_IN }],
    answers: records.filter(({ isPrerequisite }) => isPrerequisite).map(each => each.record),
    authorities: records.filter(({ isPrerequisite }) => !isPrerequisite).map(each => each.record),
  });
  const message = decodeMessage(bytes);
  if (!message.ok) throw new Error(message.error);
  return decodeUpdate(message.value);
}

const everything: UpdateGrant = { key: name('key'), names: [['*']], types: undefined };

/** What becomes of the zone, and the rcode; the zone's text where nothing does. */
function update(lines: readonly string[], grants: readonly UpdateGrant[] = [everything]) {
  const content = zoneOf(TEXT);
  const request = requestOf(lines.map(record));
  if (!request.ok) return { rcode: request.error, text: show(content) };
  const { next, result } = process(content, request.value, grants);
  return { rcode: result, text: show(next ?? content), isChanged: next !== undefined };
}

function process(content: Zone, request: UpdateRequest, grants: readonly UpdateGrant[]) {
  return processUpdate(content, request, (owner, type) =>
    mayUpdate(grants, name('Key'), { apex: content.apex, owner, type }),
  );
}

function show({ rrsets }: Zone): string[] {
  return [...rrsets].flatMap(({ owner, type, ttlSeconds, data }) =>
    data.map(
      one =>
        `${formatAbsoluteName(owner).replace(/\.?example\.org\.$/, '') || '@'} ${ttlSeconds} ${formatType(type)} ${formatData(type, one)}`,
    ),
  );
}

/** Lines that go and come. */
function changes(lines: readonly string[]): string[] {
  const before = show(zoneOf(TEXT));
  const { text, rcode } = update(lines);
  expect(rcode).toBe(RCODE.NOERROR);
  return [
    ...before.filter(line => !text.includes(line)).map(line => `- ${line}`),
    ...text.filter(line => !before.includes(line)).map(line => `+ ${line}`),
  ];
}

describe('changes (RFC 2136 §3.4.2)', () => {
  it.each([
    ['a record', ['update add www 5 A 192.0.2.9'], ['+ www 5 A 192.0.2.9']],
    [
      'one more of an RRset, which takes its TTL (RFC 2181 §5.2)',
      ['update add @ 5 MX 20 ns'],
      ['- @ 60 MX 10 mail.example.org.', '+ @ 5 MX 10 mail.example.org.', '+ @ 5 MX 20 ns.example.org.'],
    ],
    [
      'a record that is there: only its TTL',
      ['update add TXT 5 TXT "one"'],
      ['- txt 60 TXT "one"', '+ txt 5 TXT "one"'],
    ],
    ['no CNAME beside others', ['update add mail 5 CNAME ns'], []],
    ['nothing beside a CNAME', ['update add alias 5 A 192.0.2.9'], []],
    [
      'a CNAME in the place of one',
      ['update add alias 5 CNAME ns'],
      ['- alias 60 CNAME mail.example.org.', '+ alias 5 CNAME ns.example.org.'],
    ],
    ['no SOA but at the apex', ['update add www 5 SOA ns hostmaster 9 1 1 1 1'], []],
    ['no SOA that is not later (RFC 1982)', ['update add @ 60 SOA ns hostmaster 7 1 1 1 1'], []],
    [
      'an SOA that is later',
      ['update add @ 60 SOA ns hostmaster 8 1 1 1 1'],
      [
        '- @ 60 SOA ns.example.org. hostmaster.example.org. 7 7200 3600 1209600 60',
        '+ @ 60 SOA ns.example.org. hostmaster.example.org. 8 1 1 1 1',
      ],
    ],
  ])('add %s', (_what, lines, expected) => expect(changes(lines)).toEqual(expected));

  it.each([
    ['a record', ['update delete mail A 192.0.2.3'], ['- mail 60 A 192.0.2.3']],
    ['none where it is not there', ['update delete mail A 192.0.2.9'], []],
    ['an RRset', ['update delete mail A'], ['- mail 60 A 192.0.2.3', '- mail 60 A 192.0.2.4']],
    ['all of a name', ['update delete txt'], ['- txt 60 TXT "one"']],
    ['all of the apex but its SOA and NS', ['update delete @'], ['- @ 60 MX 10 mail.example.org.']],
    ['not the NS of the apex', ['update delete @ NS'], []],
    ['one NS of the apex', ['update delete @ NS ns2'], ['- @ 60 NS ns2.example.org.']],
    [
      'but not the last one',
      ['update delete @ NS ns2', 'update delete @ NS ns'],
      ['- @ 60 NS ns2.example.org.'],
    ],
    ['not the SOA', ['update delete @ SOA ns hostmaster 7 7200 3600 1209600 60'], []],
  ])('delete %s', (_what, lines, expected) => expect(changes(lines)).toEqual(expected));

  it('are made in their order', () => {
    expect(changes(['update delete alias', 'update add alias 5 A 192.0.2.9'])).toEqual([
      '- alias 60 CNAME mail.example.org.',
      '+ alias 5 A 192.0.2.9',
    ]);
    expect(update(['update add www 5 A 192.0.2.9', 'update delete www']).isChanged).toBe(false);
  });
});

describe('prerequisites (RFC 2136 §3.2)', () => {
  it.each([
    ['yxdomain mail', RCODE.NOERROR],
    ['yxdomain nobody', RCODE.NXDOMAIN],
    ['nxdomain nobody', RCODE.NOERROR],
    ['nxdomain mail', RCODE.YXDOMAIN],
    ['yxrrset mail A', RCODE.NOERROR],
    ['yxrrset mail AAAA', RCODE.NXRRSET],
    ['nxrrset mail AAAA', RCODE.NOERROR],
    ['yxrrset txt TXT "one"', RCODE.NOERROR],
    ['yxrrset txt TXT "two"', RCODE.NXRRSET],
    ['yxrrset mail A 192.0.2.3', RCODE.NXRRSET],
    ['yxrrset elsewhere.test. A', RCODE.NOTZONE],
  ])('%s', (condition, rcode) => {
    expect(update([`prereq ${condition}`, 'update add www 5 A 192.0.2.9'])).toMatchObject({
      rcode,
      ...(rcode !== RCODE.NOERROR && { text: show(zoneOf(TEXT)) }),
    });
  });

  it('nxrrset with an RRset that is there', () => {
    const absent = record('prereq nxrrset mail A');
    const request = requestOf([absent]);
    expect(request.ok && process(zoneOf(TEXT), request.value, []).result).toBe(RCODE.YXRRSET);
  });

  it('of several records of one RRset are one, in any order', () => {
    const exactly = ['prereq yxrrset mail A 192.0.2.4', 'prereq yxrrset MAIL A 192.0.2.3'];
    expect(update(exactly).rcode).toBe(RCODE.NOERROR);
    expect(update([...exactly, 'prereq yxrrset mail A 192.0.2.5']).rcode).toBe(RCODE.NXRRSET);
  });
});

describe('a form that is not one (RFC 2136 §3.4.1)', () => {
  const good = record('update add www 5 A 192.0.2.9');
  it.each([
    ['a name of another zone', { name: name('elsewhere.test') }, RCODE.NOTZONE],
    ['a class that is unknown', { class: 3 }, RCODE.FORMERR],
    ['type ANY to be added', { type: TYPE.ANY }, RCODE.FORMERR],
    ['data that is malformed', { data: Uint8Array.of(1) }, RCODE.FORMERR],
    ['a deletion with a TTL', { class: CLASS_NONE }, RCODE.FORMERR],
    ['an RRset deleted by data', { class: CLASS_ANY, ttlSeconds: 0 }, RCODE.FORMERR],
    [
      'a transfer deleted',
      { class: CLASS_ANY, ttlSeconds: 0, data: new Uint8Array(), type: TYPE.AXFR },
      RCODE.FORMERR,
    ],
    ['any type deleted by data', { class: CLASS_NONE, ttlSeconds: 0, type: TYPE.ANY }, RCODE.FORMERR],
  ])('%s leaves all as it is', (_what, change, rcode) => {
    const request = requestOf([good, { isPrerequisite: false, record: { ...good.record, ...change } }]);
    if (!request.ok) return expect(request.error).toBe(rcode);
    const processed = process(zoneOf(TEXT), request.value, [everything]);
    return expect(processed).toEqual({ next: undefined, result: rcode });
  });
});

describe('who may change what', () => {
  const grant = (pattern: string, types?: readonly number[]): UpdateGrant => {
    const parsed = parseNamePattern(pattern);
    if (!parsed.ok) throw new Error(parsed.error);
    return { key: name('key'), names: [parsed.value], types };
  };
  const may = (pattern: string, owner: string): boolean => {
    const at = parseNameAt(owner, APEX);
    if (!at.ok) throw new Error(at.error);
    return mayUpdate([grant(pattern)], name('KEY'), { apex: APEX, owner: at.value, type: TYPE.TXT });
  };

  it.each([
    ['*', '@', true],
    ['*', 'a.b.c', true],
    ['@', '@', true],
    ['@', 'www', false],
    ['www', 'WWW', true],
    ['www', 'a.www', false],
    ['*.dyn', 'dyn', true],
    ['*.dyn', 'a.b.dyn', true],
    ['*.dyn', 'a.dyn.b', false],
    ['_acme-challenge.*', '_acme-challenge', true],
    ['_acme-challenge.*', '_acme-challenge.a.www', true],
    ['_acme-challenge.*', 'www', false],
    ['a.*.b.*.c', 'a.x.b.b.y.c', true],
    ['a.*.b.*.c', 'a.x.y.c', false],
  ])('%s and %s: %s', (pattern, owner, expected) => expect(may(pattern, owner)).toBe(expected));

  it('takes the key, the type and the name together', () => {
    const txt = [grant('www', [TYPE.TXT])];
    expect(update(['update add www 5 TXT "x"'], txt).rcode).toBe(RCODE.NOERROR);
    expect(update(['update add www 5 TXT "x"', 'update add www 5 A 192.0.2.9'], txt).rcode).toBe(
      RCODE.REFUSED,
    );
    expect(update(['update delete txt'], [grant('txt', [TYPE.TXT])]).rcode).toBe(RCODE.NOERROR);
    expect(update(['update delete mail'], [grant('mail', [TYPE.TXT])]).rcode).toBe(RCODE.REFUSED);
    expect(update(['update add www 5 TXT "x"'], [{ ...everything, key: name('other') }]).rcode).toBe(
      RCODE.REFUSED,
    );
  });

  it('is nobody, of what the signer makes (RFC 3007 §3)', () => {
    expect(update(['update delete @ DNSKEY']).rcode).toBe(RCODE.REFUSED);
    expect(update(['update delete @ RRSIG']).rcode).toBe(RCODE.REFUSED);
  });
});

it('never throws, and never takes the SOA or the last NS away', () => {
  const classNumber = fc.constantFrom(CLASS_IN, CLASS_NONE, CLASS_ANY);
  const anything = fc.tuple(randomZone, randomZone, fc.array(classNumber, { minLength: 40, maxLength: 40 }));
  fc.assert(
    fc.property(anything, ([zone, other, classes]) => {
      const updates = [...other.rrsets].flatMap(({ owner, type, ttlSeconds, data }) =>
        data.map((one, at) => {
          const recordClass = classes[(type + at) % classes.length]!;
          return {
            owner,
            type,
            class: recordClass,
            ttlSeconds: recordClass === CLASS_IN ? ttlSeconds : 0,
            data: recordClass === CLASS_ANY ? new Uint8Array() : one,
          };
        }),
      );
      const { next } = process(zone, { zone: zone.apex, prerequisites: [], updates }, [everything]);
      const types = (next ?? zone).rrsets
        .filter(({ owner }) => owner.length === zone.apex.length)
        .map(({ type }) => type);
      expect(types).toEqual(expect.arrayContaining([TYPE.SOA, TYPE.NS]));
    }),
    { numRuns: 200 },
  );
});
